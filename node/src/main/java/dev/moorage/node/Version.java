package dev.moorage.node;

import java.io.IOException;
import java.io.InputStream;
import java.util.Properties;
import picocli.CommandLine.IVersionProvider;

/** What {@code moorage --version} says: the version and the commit that it was built from. */
final class Version implements IVersionProvider {
    private final Properties built;

    Version() {
        this(read());
    }

    Version(Properties built) {
        this.built = built;
    }

    @Override
    public String[] getVersion() {
        return new String[] {"moorage " + version() + " (commit " + commit() + ", Java " + Runtime.version() + ")"};
    }

    /** The version of the build, {@code unknown} where nothing was recorded. */
    String version() {
        return built.getProperty("git.build.version", "unknown");
    }

    /** The abbreviated commit, with a mark when files were changed after it; {@code unknown} outside of a repository. */
    String commit() {
        String commit = built.getProperty("git.commit.id.abbrev", "unknown");
        return built.getProperty("git.dirty", "false").equals("true") ? commit + "+changes" : commit;
    }

    private static Properties read() {
        Properties properties = new Properties();
        try (InputStream stored = Version.class.getResourceAsStream("commit.properties")) {
            if (stored != null) {
                properties.load(stored);
            }
        } catch (IOException unreadable) {
            properties.clear();
        }
        return properties;
    }
}
