package dev.moorage.protocol.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.NotSerializableException;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterContainer;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.serialization.SerializationExtension;

class AnyBytesTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final ClusterSerializer SERIALIZER = (ClusterSerializer)
            SerializationExtension.get(KIT.system()).findSerializerFor(new ToCoordinator.Wake(Samples.JOB));

    @AfterContainer
    static void stop() {
        KIT.shutdownTestKit();
    }

    @Property
    void any_bytes_are_a_whole_message_or_refused(@ForAll byte[] bytes) {
        takeWholeOrRefuse(bytes);
    }

    @Property
    void any_bytes_as_any_message_are_whole_or_refused(
            @ForAll @IntRange(min = 1, max = 54) int field, @ForAll byte[] bytes) {
        byte[] frame = new byte[bytes.length + 3];
        // Key of a field with a length, as two bytes of a varint; then the length, if one byte is enough for it.
        frame[0] = (byte) (((field << 3) & 0x7f) | 0x80 | 2);
        frame[1] = (byte) (field >>> 4);
        frame[2] = (byte) Math.min(bytes.length, 127);
        System.arraycopy(bytes, 0, frame, 3, bytes.length);
        takeWholeOrRefuse(frame);
    }

    private static void takeWholeOrRefuse(byte[] bytes) {
        try {
            Object message = SERIALIZER.fromBinary(bytes, ClusterSerializer.MANIFEST);
            Object again = SERIALIZER.fromBinary(SERIALIZER.toBinary(message), ClusterSerializer.MANIFEST);
            assertThat(again).isEqualTo(message);
        } catch (NotSerializableException refused) {
            assertThat(refused).hasMessageStartingWith("message between daemons refused: ");
        }
    }
}
