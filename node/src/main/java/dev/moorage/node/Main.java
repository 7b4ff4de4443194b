package dev.moorage.node;

import dev.moorage.client.command.CommandRunner;
import dev.moorage.client.command.Terminal;
import java.util.Map;
import java.util.function.Function;
import picocli.AutoComplete;
import picocli.CommandLine;

/** The entry of every process of Moorage. */
public final class Main {
    private Main() {}

    /** Runs one command and ends the process with its exit status. */
    public static void main(String[] args) {
        System.exit(run(Terminal.ofProcess(), args));
    }

    /**
     * Runs one command in this process.
     *
     * @return its exit status
     */
    public static int run(Terminal terminal, String... args) {
        return CommandRunner.run(commandLine(terminal, args), terminal, args);
    }

    /**
     * The command that {@code args} name, alone: reading the annotations of all the others would be the larger part of what
     * a short command takes. Without a known name, all of them.
     */
    static CommandLine commandLine(Terminal terminal, String... args) {
        CommandLine moorage = new CommandLine(new Moorage());
        Map<String, Function<Terminal, Object>> commands = Commands.BY_NAME;
        if (args.length > 0 && commands.containsKey(args[0])) {
            moorage.addSubcommand(args[0], commands.get(args[0]).apply(terminal));
        } else {
            commands.forEach((name, make) -> moorage.addSubcommand(name, make.apply(terminal)));
            moorage.addSubcommand("generate-completion", new AutoComplete.GenerateCompletion());
            moorage.addSubcommand("help", new CommandLine.HelpCommand());
        }
        return moorage.setUsageHelpAutoWidth(true);
    }
}
