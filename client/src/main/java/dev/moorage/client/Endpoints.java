package dev.moorage.client;

import dev.moorage.protocol.CheckpointException;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The front doors of a cluster, in the order in which they are tried. Written {@code HOST:PORT,HOST:PORT}.
 *
 * @param all at least one
 */
public record Endpoints(List<Endpoint> all) {
    private static final Pattern FORM = Pattern.compile("(\\[[0-9A-Fa-f:.]+]|[A-Za-z0-9][A-Za-z0-9.-]*):([0-9]{1,5})");

    /**
     * One front door.
     *
     * @param host a name, an IPv4 address, or an IPv6 address in brackets
     * @param port 1 to 65535
     */
    public record Endpoint(String host, int port) {
        public Endpoint {
            if (port < 1 || port > 65_535) {
                throw CheckpointException.invalid("a port is 1 to 65535, was " + port);
            }
        }

        @Override
        public String toString() {
            return host + ":" + port;
        }
    }

    public Endpoints {
        all = List.copyOf(all);
        if (all.isEmpty()) {
            throw CheckpointException.invalid("no endpoint; it is written HOST:PORT");
        }
    }

    /**
     * Reads {@code HOST:PORT} or several of them with commas between.
     *
     * @throws CheckpointException INVALID for anything else
     */
    public static Endpoints parse(String text) {
        return new Endpoints(Stream.of(text.split(",", -1)).map(Endpoints::one).toList());
    }

    private static Endpoint one(String text) {
        var parts = FORM.matcher(text.strip());
        if (!parts.matches()) {
            throw CheckpointException.invalid("an endpoint is written HOST:PORT, several with commas between; was '"
                    + text.replaceAll("\\p{Cntrl}", "?") + "'");
        }
        return new Endpoint(parts.group(1), Integer.parseInt(parts.group(2)));
    }

    @Override
    public String toString() {
        return all.stream().map(Endpoint::toString).collect(Collectors.joining(","));
    }
}
