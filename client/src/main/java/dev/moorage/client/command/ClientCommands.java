package dev.moorage.client.command;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;

/** The commands of this package, for the top-level command to carry. */
public final class ClientCommands {
    /**
     * How each is made, by its name: {@code ls}, {@code show}, {@code status}, {@code workers}, {@code verify}, {@code
     * restore}, {@code cat}, {@code cancel}. Reading one command's annotations costs more than most commands take, so that a
     * caller that knows which one is meant makes that one only.
     */
    public static final Map<String, Function<Terminal, Object>> BY_NAME = byName();

    private ClientCommands() {}

    /** Adds all of them. */
    public static CommandLine mount(CommandLine top, Terminal terminal) {
        BY_NAME.forEach((name, make) -> top.addSubcommand(name, make.apply(terminal)));
        return top;
    }

    private static Map<String, Function<Terminal, Object>> byName() {
        Map<String, Function<Terminal, Object>> commands = new LinkedHashMap<>();
        commands.put("ls", LsCommand::new);
        commands.put("show", ShowCommand::new);
        commands.put("status", StatusCommand::new);
        commands.put("workers", WorkersCommand::new);
        commands.put("verify", VerifyCommand::new);
        commands.put("restore", RestoreCommand::new);
        commands.put("cat", CatCommand::new);
        commands.put("cancel", CancelCommand::new);
        return Collections.unmodifiableMap(commands);
    }
}
