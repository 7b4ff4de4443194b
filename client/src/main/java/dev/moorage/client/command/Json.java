package dev.moorage.client.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** The one JSON object that a command with {@code --json} writes to standard output, on one line. */
public final class Json {
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private Json() {}

    /** An object to be filled; fields keep their order. */
    public static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    /** Writes the object and ends the line. */
    public static void print(Terminal terminal, ObjectNode object) {
        try {
            terminal.out().println(MAPPER.writeValueAsString(object));
        } catch (JsonProcessingException impossible) {
            throw new IllegalStateException(impossible);
        }
        terminal.out().flush();
    }
}
