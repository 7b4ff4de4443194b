package dev.moorage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.Attempt;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.Step;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LayoutTest {
    @Test
    void keys_are_what_the_format_says() {
        var attempt = Samples.ATTEMPT;
        String root = "llama-7b/steps/00000000000000001200/a0002/";
        var shards = Samples.partRecord().header().shards();
        assertThat(Layout.intent(attempt)).isEqualTo(root + "intent.json");
        assertThat(Layout.manifest(attempt)).isEqualTo(root + "manifest.json");
        assertThat(Layout.tombstone(attempt)).isEqualTo(root + "deleted.json");
        assertThat(Layout.tensors(attempt)).isEqualTo(root + "tensors.pb");
        assertThat(Layout.part(attempt, new PartNumber(7))).isEqualTo(root + "parts/000007.pb");
        assertThat(Layout.verdict(attempt, 3)).isEqualTo(root + "verify/000003.json");
        assertThat(Layout.shard(attempt, shards.get(0)))
                .isEqualTo(root + "shards/rank-000000." + "b".repeat(32) + ".safetensors.zst");
        assertThat(Layout.shard(attempt, shards.get(1)))
                .isEqualTo(root + "shards/rank-000000-replicated." + "b".repeat(32) + ".bin");
        assertThat(Layout.state(Samples.JOB, 12)).isEqualTo("llama-7b/state/00000000000000000012.json");
    }

    @Property
    void a_listed_name_gives_back_its_step(@ForAll @LongRange(min = 0) long step) {
        String folder = Layout.step(new dev.moorage.protocol.CheckpointId(Samples.JOB, new Step(step)));
        String name = folder.substring(Layout.steps(Samples.JOB).length(), folder.length() - 1);
        assertThat(Layout.stepNamed(name)).contains(new Step(step));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "1200",
                "0000000000000000120x",
                "-0000000000000000001",
                "+0000000000000000001",
                "99999999999999999999",
                "000000000000000012000",
                "٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠٠",
                ".."
            })
    void foreign_names_are_no_steps(String name) {
        assertThat(Layout.stepNamed(name)).isEmpty();
    }

    @Test
    void foreign_names_are_no_attempts_parts_verdicts_or_entries() {
        assertThat(Layout.attemptNamed("a0002")).contains(new Attempt(2));
        for (String name : new String[] {"a0000", "a2", "b0002", "a00002", "a0002.bak", "A0002"}) {
            assertThat(Layout.attemptNamed(name)).isEmpty();
        }
        assertThat(Layout.partNamed("000007.pb")).contains(new PartNumber(7));
        assertThat(Layout.partNamed("7.pb")).isEmpty();
        assertThat(Layout.partNamed("000007.pb.tmp")).isEmpty();
        assertThat(Layout.verdictNamed("000003.json")).hasValue(3);
        assertThat(Layout.verdictNamed("000000.json")).isEmpty();
        assertThat(Layout.stateNamed("00000000000000000012.json")).hasValue(12);
        assertThat(Layout.stateNamed("00000000000000000000.json")).isEmpty();
        assertThat(Layout.jobNamed("lost+found")).isEmpty();
        assertThat(Layout.jobNamed(".moorage")).isEmpty();
    }

    @Test
    void selectors_are_words_or_steps() {
        assertThat(Selector.parse("latest")).isEqualTo(Selector.LATEST);
        assertThat(Selector.parse("latest-verified")).isEqualTo(Selector.LATEST_VERIFIED);
        assertThat(Selector.parse("0")).isEqualTo(Selector.of(new Step(0)));
        for (String text : new String[] {"", "newest", "-1", "1.5", "9223372036854775808", "1\n"}) {
            assertThatThrownBy(() -> Selector.parse(text)).isInstanceOf(CheckpointException.class);
        }
    }
}
