package dev.moorage.node;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The {@code moorage} command itself: without a subcommand it says what there is. */
@Command(
        name = "moorage",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        description = "Saves, verifies and restores the checkpoints of multi-node training jobs.",
        synopsisSubcommandLabel = "COMMAND",
        commandListHeading = "%nCommands:%n",
        footer = {
            "",
            "Exit status: 0 done, 1 a bug, 2 invalid request, 3 not found, 4 unavailable (try again), 5 corrupt,",
            "6 in doubt (read before deciding), 130 interrupted.",
            "Try it: moorage demo"
        })
final class Moorage implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is needed");
    }
}
