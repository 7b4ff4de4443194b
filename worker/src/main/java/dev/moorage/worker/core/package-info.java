/**
 * The rules of a worker: segments and leases, registration, parts and take-over, checks, loads. Events and the time go in,
 * effects come out; the same events give the same effects.
 *
 * <p>Knows nothing of actors, files, stores, threads or clocks: whoever drives {@link dev.moorage.worker.core.WorkerMachine}
 * carries the effects out and reports back with events. That is the actor in a daemon, and the simulation in tests.
 *
 * <p>Depends on: {@code protocol} and the messages in {@code protocol.cluster}, as plain data.
 *
 * <p>Threading: a machine belongs to one thread at a time; all records are immutable.
 */
package dev.moorage.worker.core;
