package dev.moorage.node;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * An address to listen on or to reach.
 *
 * @param host a name or a number, an IPv6 number without brackets
 * @param port 0 (any free one) to 65535
 */
record HostPort(String host, int port) {
    HostPort {
        if (host.isEmpty() || host.length() > 255 || host.chars().anyMatch(c -> c <= ' ' || "/@[]".indexOf(c) >= 0)) {
            throw CheckpointException.invalid("'" + host + "' is not a host name or address");
        }
        if (port < 0 || port > 65535) {
            throw CheckpointException.invalid("a port must be 0 to 65535, was " + port);
        }
    }

    /**
     * Reads {@code HOST:PORT}, {@code [IPV6]:PORT}.
     *
     * @param what names the value in the message of the failure
     * @throws CheckpointException INVALID for anything else
     */
    static HostPort parse(String what, String text) {
        int colon = text.lastIndexOf(':');
        String host = colon < 0 ? "" : text.substring(0, colon);
        boolean bracketed = host.startsWith("[") && host.endsWith("]") && host.length() > 2;
        try {
            if (colon < 0 || (!bracketed && host.contains(":"))) {
                throw CheckpointException.invalid("no port");
            }
            String bare = bracketed ? host.substring(1, host.length() - 1) : host;
            return new HostPort(bare, Integer.parseInt(text.substring(colon + 1)));
        } catch (NumberFormatException | CheckpointException malformed) {
            throw new CheckpointException(
                    FailureKind.INVALID,
                    what + " must be HOST:PORT with a port from 0 to 65535, as in 127.0.0.1:7070, was '" + text + "'",
                    malformed);
        }
    }

    /** Whether only this host can reach the address. A name that does not resolve counts as one that others reach. */
    boolean isLoopback() {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException unresolved) {
            return false;
        }
    }

    /** Whether it stands for every address of the host, which nobody can be told to connect to. */
    boolean isWildcard() {
        try {
            return InetAddress.getByName(host).isAnyLocalAddress();
        } catch (UnknownHostException unresolved) {
            return false;
        }
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
