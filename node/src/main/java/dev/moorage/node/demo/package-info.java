/**
 * {@code moorage demo}: a cluster of child JVMs on this host that saves, verifies, loses a worker, meets a flipped byte and
 * restores, each step a small class that says what it does and checks what came of it.
 *
 * <p>Does not know: anything that a user could not do with the commands and the Java client.
 *
 * <p>Depends on: {@code client}, the readers of {@code dev.moorage.checkpoint}, and the top level of this module.
 *
 * <p>Threading: steps run one after the other in one thread; what a save says comes from several.
 */
package dev.moorage.node.demo;
