package dev.moorage.node;

import dev.moorage.client.command.ClientCommands;
import dev.moorage.client.command.Terminal;
import dev.moorage.node.demo.DemoCommand;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** All commands by name, each made only when it is needed: making one loads what it works with. */
final class Commands {
    static final Map<String, Function<Terminal, Object>> BY_NAME = byName();

    private Commands() {}

    private static Map<String, Function<Terminal, Object>> byName() {
        Map<String, Function<Terminal, Object>> commands = new LinkedHashMap<>();
        commands.put("demo", DemoCommand::new);
        commands.put("up", UpCommand::new);
        commands.put("coordinator", CoordinatorCommand::new);
        commands.put("worker", WorkerCommand::new);
        commands.put("save", SaveCommand::new);
        commands.putAll(ClientCommands.BY_NAME);
        return commands;
    }
}
