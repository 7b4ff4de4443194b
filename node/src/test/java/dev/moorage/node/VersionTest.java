package dev.moorage.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Properties;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class VersionTest {
    @Test
    void says_version_and_commit_of_the_build() {
        Properties built = new Properties();
        built.setProperty("git.build.version", "1.2.3");
        built.setProperty("git.commit.id.abbrev", "0123abc");
        built.setProperty("git.dirty", "true");

        assertThat(new Version(built).getVersion()[0]).startsWith("moorage 1.2.3 (commit 0123abc+changes, Java ");
    }

    @Test
    void a_build_outside_of_a_repository_says_that_it_does_not_know() {
        assertThat(new Version(new Properties()).commit()).isEqualTo("unknown");
    }
}
