package dev.moorage.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.CancellationException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TokenBucketTest {
    private static final long RATE = 1_000_000;
    private static final int WRITE_MAX = 4 << 20;

    private final VirtualTime time = new VirtualTime();
    private final TokenBucket bucket = new TokenBucket(RATE, time);

    @Test
    void the_first_bytes_pass_at_once_and_the_next_ones_wait_for_them() {
        bucket.take(500_000);
        assertThat(time.nanos()).isZero();
        bucket.take(1);
        assertThat(time.nanos()).isEqualTo(500_000_000);
    }

    @Test
    void idle_time_is_saved_up_for_a_tenth_of_a_second_and_no_longer() {
        time.sleep(3_600_000_000_000L);
        long begin = time.nanos();
        bucket.take(100_000);
        bucket.take(1);
        assertThat(time.nanos()).as("a tenth of a second's worth was free").isEqualTo(begin);
        bucket.take(1);
        assertThat(time.nanos()).isGreaterThan(begin);
    }

    @Test
    void an_interrupt_ends_the_wait_and_stays() {
        TokenBucket real = new TokenBucket(RATE, TokenBucket.Time.REAL);
        real.take(3_600L * RATE);
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> real.take(1)).isInstanceOf(CancellationException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void who_gives_up_waiting_gives_its_place_back() {
        TokenBucket interrupted = new TokenBucket(RATE, new TokenBucket.Time() {
            private boolean first = true;

            @Override
            public long nanos() {
                return time.nanos();
            }

            @Override
            public void sleep(long nanos) throws InterruptedException {
                if (nanos > 0 && first) {
                    first = false;
                    throw new InterruptedException();
                }
                time.sleep(nanos);
            }
        });
        interrupted.take(RATE);
        assertThatThrownBy(() -> interrupted.take(60 * RATE)).isInstanceOf(CancellationException.class);
        assertThat(Thread.interrupted()).isTrue();
        interrupted.take(1);
        assertThat(time.nanos()).as("the second of the first, not the minute").isEqualTo(1_000_000_000);
    }

    /** What passed before any moment is at most the rate times the time, the burst, and the last write. */
    @Property
    void the_rate_holds_over_any_sequence(
            @ForAll @Size(min = 1, max = 50) List<@IntRange(max = WRITE_MAX) Integer> writes,
            @ForAll @Size(50) List<@IntRange(max = 2_000) Integer> pausesMillis) {
        VirtualTime own = new VirtualTime();
        TokenBucket limited = new TokenBucket(RATE, own);
        long begun = 0;
        for (int i = 0; i < writes.size(); i++) {
            limited.take(writes.get(i));
            double allowed = (own.nanos() + TokenBucket.BURST_NANOS) / 1e9 * RATE;
            assertThat((double) begun).isLessThanOrEqualTo(allowed + 1);
            begun += writes.get(i);
            own.sleep(pausesMillis.get(i) * 1_000_000L);
        }
    }
}
