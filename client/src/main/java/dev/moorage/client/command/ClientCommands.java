package dev.moorage.client.command;

import picocli.CommandLine;

/** The commands of this package, for the top-level command to carry. */
public final class ClientCommands {
    private ClientCommands() {}

    /** Adds {@code ls}, {@code show}, {@code status}, {@code workers}, {@code verify}, {@code restore}, {@code cat}, {@code cancel}. */
    public static CommandLine mount(CommandLine top, Terminal terminal) {
        return top.addSubcommand(new LsCommand(terminal))
                .addSubcommand(new ShowCommand(terminal))
                .addSubcommand(new StatusCommand(terminal))
                .addSubcommand(new WorkersCommand(terminal))
                .addSubcommand(new VerifyCommand(terminal))
                .addSubcommand(new RestoreCommand(terminal))
                .addSubcommand(new CatCommand(terminal))
                .addSubcommand(new CancelCommand(terminal));
    }
}
