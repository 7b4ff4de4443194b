/**
 * What the commands do on this machine itself: private folders, a file that is split for a save, the progress of a save.
 *
 * <p>Does not know: clusters, daemons, configuration.
 *
 * <p>Depends on: {@code client}, {@code checkpoint}. Used by: the commands of {@code node}, and its demo.
 *
 * <p>Threading: each class says it; nothing here starts a thread.
 */
package dev.moorage.node.local;
