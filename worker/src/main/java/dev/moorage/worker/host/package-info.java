/**
 * One host at work: the actor that carries the rules out, its children that move bytes, and the door for the host's ranks.
 *
 * <p>Knows nothing of the coordinator's insides: messages go out through a function, and come in through the actor. Decides
 * nothing by itself; {@code worker.core} does.
 *
 * <p>Depends on: {@code worker.core}, {@code worker.staging}, {@code checkpoint}, {@code storage}, {@code protocol}.
 *
 * <p>Threading: the actor never blocks. Blocking work runs on two bounded dispatchers: {@code moorage.data-plane} for
 * uploads, checks and loads, {@code moorage.staging} for segments and small store calls.
 */
package dev.moorage.worker.host;
