/**
 * Bytes under keys. Knows nothing of checkpoints, ranks or compression.
 *
 * <p>{@link dev.moorage.storage.ObjectStore} is the contract, {@link dev.moorage.storage.MemoryStore} its reference, and
 * {@link dev.moorage.storage.Stores} opens a store by its URI: for writing only after a probe has shown that creating an object
 * has exactly one winner there. {@link dev.moorage.storage.StoreChallenge} shows that two hosts see one store.
 *
 * <p>The file store, from the outside in: {@code FileStore} decides, {@code FileTree} turns keys into paths without following
 * links, {@code TempFile} publishes a file by {@code link(2)}, {@code FileListing} looks, and {@code FileOps} holds every call
 * that changes the file system, so that tests see their order. Failures are plain {@link java.io.IOException}s, some with a
 * class of their own where the answer differs; only {@code Stores} and {@code StoreChallenge} throw
 * {@link dev.moorage.protocol.CheckpointException}. A new store implements the contract, passes its test, and gets a URI.
 *
 * <p>Depends on: {@code protocol}. Used by: {@code checkpoint}, and whoever opens a store at start-up.
 *
 * <p>Threading: every call blocks and may be made from any thread. Actors never call in here directly; they go through
 * {@link dev.moorage.storage.BlockingIo}.
 */
package dev.moorage.storage;
