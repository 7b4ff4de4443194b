/**
 * A worker, ready to be started: its settings, and the node that puts rules, actors, staging and socket together.
 *
 * <p>Knows nothing of the coordinator but its messages. Depends on: all packages below, {@code checkpoint}, {@code storage},
 * {@code protocol}. Used by: {@code node}.
 *
 * <p>Threading: start and close block.
 */
package dev.moorage.worker;
