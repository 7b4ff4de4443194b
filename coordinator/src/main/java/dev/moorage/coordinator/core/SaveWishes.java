package dev.moorage.coordinator.core;

import dev.moorage.protocol.Codec;
import dev.moorage.protocol.SaveSpec;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.cluster.ToCoordinator.SaveAsked;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What explicit saves of a step have asked for before its intent exists; what none of them states is the ranks' default.
 *
 * @param asked whether any did
 */
record SaveWishes(boolean asked, Optional<Codec> codec, Optional<VerifyDepth> depth, Map<String, String> metadata) {
    static final SaveWishes NONE = new SaveWishes(false, Optional.empty(), Optional.empty(), Map.of());

    SaveWishes with(SaveAsked save) {
        return new SaveWishes(
                true,
                save.codec().or(() -> codec),
                save.depth().or(() -> depth),
                save.metadata().isEmpty() ? metadata : save.metadata());
    }

    /** The next attempt needs to be asked for again; what was stated stays. */
    SaveWishes spent() {
        return new SaveWishes(false, codec, depth, metadata);
    }

    SaveSpec spec(WorldSize worldSize, Staging staging) {
        return new SaveSpec(
                worldSize,
                codec.orElseGet(staging::codec),
                depth.orElseGet(staging::depth),
                new TreeMap<>(metadata.isEmpty() ? staging.metadata() : metadata));
    }

    /** Why an explicit save cannot join an attempt that has its intent, naming what is and what was asked. */
    static Optional<String> conflict(SaveAsked save, SaveSpec spec) {
        if (save.codec().filter(stated -> !stated.equals(spec.codec())).isPresent()) {
            return Optional.of(differs("codec", spec.codec(), save.codec().orElseThrow()));
        }
        if (save.depth().filter(stated -> !stated.equals(spec.depth())).isPresent()) {
            return Optional.of(
                    differs("verification depth", spec.depth(), save.depth().orElseThrow()));
        }
        if (!save.metadata().isEmpty() && !save.metadata().equals(spec.metadata())) {
            return Optional.of(differs("metadata", spec.metadata(), new TreeMap<>(save.metadata())));
        }
        return Optional.empty();
    }

    private static String differs(String what, Object has, Object asked) {
        return "the save has its intent already, with " + what + " " + has + "; asked for " + asked
                + ": ask for the same, or for nothing";
    }
}
