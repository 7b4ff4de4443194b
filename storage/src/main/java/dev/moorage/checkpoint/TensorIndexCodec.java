package dev.moorage.checkpoint;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.moorage.protocol.Attempt;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.v1.TensorPlaceRecord;
import dev.moorage.protocol.v1.TensorPlacesRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Map;
import java.util.Optional;

/** The bytes of {@code tensors.pb}: a fixed preamble with the body's sum, then the body. */
final class TensorIndexCodec {
    private static final byte[] MAGIC = "MOORTENS".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int PREAMBLE_BYTES = MAGIC.length + 2 * Integer.BYTES;
    private static final int PART_MAX = 999_999;
    private static final int TENSORS =
            TensorPlacesRecord.TENSORS_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    private static final int JOB = TensorPlacesRecord.JOB_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    private static final int STEP = TensorPlacesRecord.STEP_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_VARINT;
    private static final int ATTEMPT = TensorPlacesRecord.ATTEMPT_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_VARINT;

    private TensorIndexCodec() {}

    /** Empty if it would be longer than {@link TensorIndex#BYTES_MAX}. */
    static Optional<ByteBuffer> encode(AttemptId attempt, Map<String, PartRanges> partsByTensor) {
        TensorPlacesRecord.Builder body = TensorPlacesRecord.newBuilder()
                .setJob(attempt.job().value())
                .setStep(attempt.step().value())
                .setAttempt(attempt.attempt().value());
        partsByTensor.forEach((name, parts) -> {
            TensorPlaceRecord.Builder place = TensorPlaceRecord.newBuilder().setName(name);
            for (int number : parts.pairs()) {
                place.addParts(number);
            }
            body.addTensors(place);
        });
        TensorPlacesRecord whole = body.build();
        if (whole.getSerializedSize() > TensorIndex.BYTES_MAX - PREAMBLE_BYTES) {
            return Optional.empty();
        }
        byte[] bytes = whole.toByteArray();
        ByteBuffer object = ByteBuffer.allocate(PREAMBLE_BYTES + bytes.length).order(ByteOrder.LITTLE_ENDIAN);
        object.put(MAGIC).putInt(VERSION);
        object.putInt(Crc32c.of(ByteBuffer.wrap(bytes)).value()).put(bytes);
        return Optional.of(object.flip());
    }

    /**
     * The parts of one tensor, none if it is not there. Looks at the entries one by one and keeps none of the others.
     *
     * @throws dev.moorage.protocol.CheckpointException CORRUPT if the object does not hold
     */
    static BitSet parts(AttemptId attempt, ByteBuffer object, String tensor) {
        return Fields.corruptUnless(Layout.tensors(attempt), () -> {
            ByteBuffer body = body(object);
            return PartRecords.parsed("the tensor index", () -> find(attempt, body, tensor));
        });
    }

    private static ByteBuffer body(ByteBuffer object) {
        Bounds.range("bytes of the tensor index", object.remaining(), PREAMBLE_BYTES, TensorIndex.BYTES_MAX);
        ByteBuffer preamble = object.slice().order(ByteOrder.LITTLE_ENDIAN);
        byte[] magic = new byte[MAGIC.length];
        preamble.get(magic);
        Bounds.holds(Arrays.equals(magic, MAGIC), "does not begin as a tensor index");
        Bounds.range("version", preamble.getInt(), VERSION, VERSION);
        Crc32c stated = new Crc32c(preamble.getInt());
        Crc32c actual = Crc32c.of(preamble);
        Bounds.holds(stated.equals(actual), "the sum does not hold: expected " + stated + ", was " + actual);
        return preamble;
    }

    private static BitSet find(AttemptId attempt, ByteBuffer body, String tensor) throws IOException {
        BitSet parts = new BitSet();
        String job = "";
        long step = 0;
        int number = 0;
        CodedInputStream in = CodedInputStream.newInstance(body);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (tag == TENSORS) {
                TensorPlaceRecord place = TensorPlaceRecord.parseFrom(in.readByteArray());
                if (place.getName().equals(tensor)) {
                    addParts(place, parts);
                }
            } else if (tag == JOB) {
                job = in.readString();
            } else if (tag == STEP) {
                step = in.readUInt64();
            } else if (tag == ATTEMPT) {
                number = in.readUInt32();
            } else {
                Bounds.holds(in.skipField(tag), "a group ends that never began");
            }
        }
        AttemptId stated = new AttemptId(new JobName(job), new Step(step), new Attempt(number));
        RecordJson.belongs("tensor index", attempt, stated);
        return parts;
    }

    private static void addParts(TensorPlaceRecord place, BitSet parts) {
        Bounds.holds(place.getPartsCount() % 2 == 0, "the parts of a tensor are not pairs");
        for (int i = 0; i < place.getPartsCount(); i += 2) {
            long first = Integer.toUnsignedLong(place.getParts(i));
            long last = first + Integer.toUnsignedLong(place.getParts(i + 1));
            Bounds.range("part", last, first, PART_MAX);
            parts.set((int) first, (int) last + 1);
        }
    }
}
