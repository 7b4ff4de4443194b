package dev.moorage.protocol.cluster;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.v1.cluster.Frame;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which record travels in which field of a {@link Frame}, and how it gets in and out. */
final class FrameTable {
    /**
     * One kind of message.
     *
     * @param type its record
     * @param field its field of the frame
     * @param put writes it
     * @param take reads it; throws {@link CheckpointException} INVALID for a value that cannot be
     */
    record Row<M extends ClusterMessage>(
            Class<M> type, Frame.MessageCase field, BiConsumer<Frame.Builder, M> put, Function<Frame, M> take) {
        Frame frame(ClusterMessage message) {
            Frame.Builder frame = Frame.newBuilder();
            put.accept(frame, type.cast(message));
            return frame.build();
        }
    }

    private final Map<Class<?>, Row<?>> byType;
    private final Map<Frame.MessageCase, Row<?>> byField;

    FrameTable(ActorRefs refs) {
        List<Row<?>> rows = Stream.of(
                        new ToCoordinatorRows(refs).rows(),
                        ProgressRows.rows(),
                        new QuestionRows(refs).rows(),
                        new ToWorkerRows(refs).rows(),
                        AnswerRows.rows())
                .flatMap(List::stream)
                .toList();
        byType = rows.stream().collect(Collectors.toUnmodifiableMap(Row::type, row -> row));
        byField = rows.stream().collect(Collectors.toUnmodifiableMap(Row::field, row -> row));
    }

    Frame frame(ClusterMessage message) {
        return byType.get(message.getClass()).frame(message);
    }

    ClusterMessage message(Frame frame) {
        Row<?> row = byField.get(frame.getMessageCase());
        if (row == null) {
            throw CheckpointException.invalid(
                    "a frame without a message that this version knows; all daemons must run one version");
        }
        return row.take().apply(frame);
    }
}
