package dev.moorage.storage;

/** Time that passes only while somebody sleeps; one thread. */
final class VirtualTime implements TokenBucket.Time {
    private long now;

    @Override
    public long nanos() {
        return now;
    }

    @Override
    public void sleep(long nanos) {
        now += nanos;
    }
}
