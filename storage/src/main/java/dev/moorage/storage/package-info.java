/**
 * Bytes under keys. Knows nothing of checkpoints, ranks or compression.
 *
 * <p>Depends on: {@code protocol}. Used by: {@code checkpoint}, and whoever opens a store at start-up.
 *
 * <p>Threading: every call blocks and may be made from any thread. Actors never call in here directly; they go through
 * {@link dev.moorage.storage.BlockingIo}.
 */
package dev.moorage.storage;
