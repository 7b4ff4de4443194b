package dev.moorage.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigParseOptions;
import com.typesafe.config.ConfigUtil;
import com.typesafe.config.ConfigValue;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Where settings come from. The strongest first: options of the command, system properties ({@code -Dmoorage.store=…}),
 * the environment ({@code CONFIG_FORCE_moorage_store}), the file, the defaults. Keys under {@code moorage} that have no
 * default are refused, wherever they were said.
 */
final class Configuration {
    /** Said by bin/moorage, not by a user: where the distribution keeps its configuration, and the audit file. */
    private static final Set<String> NOT_SETTINGS = Set.of("moorage.conf", "moorage.audit.file");

    private Configuration() {}

    /**
     * Reads all sources.
     *
     * @param file named by the user; without one, moorage.conf in the folder that the property {@code moorage.conf} names
     * @param options keys and values that the command line states
     * @throws CheckpointException INVALID for a file that cannot be read, an unknown key or a malformed value
     */
    static Config load(Optional<Path> file, Map<String, ?> options) {
        return convert(() -> {
            Config defaults = ConfigFactory.defaultReferenceUnresolved();
            Config properties = ConfigFactory.systemProperties();
            Config environment = ConfigFactory.systemEnvironmentOverrides();
            Config said =
                    file.or(Configuration::shipped).map(Configuration::parse).orElse(ConfigFactory.empty());
            refuseUnknown(said, defaults);
            refuseUnknown(environment, defaults);
            refuseUnknown(properties, defaults);
            return ConfigFactory.parseMap(options, "the command line")
                    .withFallback(properties)
                    .withFallback(environment)
                    .withFallback(said)
                    .withFallback(ConfigFactory.parseResources("moorage-cluster.conf"))
                    .withFallback(defaults)
                    .resolve();
        });
    }

    /**
     * Builds a settings record, so that a value of the wrong type becomes a message with its key and place.
     *
     * @throws CheckpointException INVALID
     */
    static <T> T checked(Config config, Function<Config, T> build) {
        return convert(() -> build.apply(config));
    }

    private static <T> T convert(Supplier<T> work) {
        try {
            return work.get();
        } catch (ConfigException malformed) {
            throw new CheckpointException(FailureKind.INVALID, "configuration: " + malformed.getMessage(), malformed);
        }
    }

    private static Optional<Path> shipped() {
        return Optional.ofNullable(System.getProperty("moorage.conf"))
                .map(folder -> Path.of(folder, "moorage.conf"))
                .filter(Files::isRegularFile);
    }

    private static Config parse(Path file) {
        if (!Files.isReadable(file) || Files.isDirectory(file)) {
            throw CheckpointException.invalid("configuration file " + file + " cannot be read");
        }
        Config parsed = ConfigFactory.parseFile(
                file.toFile(), ConfigParseOptions.defaults().setAllowMissing(false));
        for (String root : parsed.root().keySet()) {
            if (!root.equals("moorage") && !root.equals("pekko")) {
                throw unknown(root, parsed.root().get(root), Set.of("moorage", "pekko"));
            }
        }
        return parsed;
    }

    private static void refuseUnknown(Config said, Config defaults) {
        if (!said.hasPathOrNull("moorage")) {
            return;
        }
        Set<String> known = defaults.getObject("moorage").toConfig().entrySet().stream()
                .map(entry -> "moorage." + entry.getKey())
                .collect(Collectors.toCollection(TreeSet::new));
        for (Map.Entry<String, ConfigValue> entry :
                said.root().withOnlyKey("moorage").toConfig().entrySet()) {
            String key = entry.getKey();
            if (!known.contains(key) && !NOT_SETTINGS.contains(key)) {
                throw unknown(key, entry.getValue(), known);
            }
        }
    }

    private static CheckpointException unknown(String key, ConfigValue value, Set<String> known) {
        return CheckpointException.invalid("unknown key " + String.join(".", ConfigUtil.splitPath(key)) + " ("
                + value.origin().description() + "); known are " + String.join(", ", known));
    }
}
