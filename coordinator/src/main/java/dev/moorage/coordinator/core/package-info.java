/**
 * The rules by which a job's coordinator decides, free of everything that can fail by itself: what an event (a worker's
 * message, a question, a store's answer, a tick) changes, and what is to be done about it.
 *
 * <p>{@link dev.moorage.coordinator.core.JobMachine} is the whole of one job. It composes a {@code SaveMachine} for each
 * step, a {@code VerifyPlan} for each verification and a {@code LoadPlan} for each job-wide load. Effects are data: the
 * actor and the simulation carry them out alike.
 *
 * <p>Knows no actors, no threads, no store and no clock: time is an argument, nonces and labels come from
 * {@link dev.moorage.coordinator.core.Marks}. Depends on: {@code protocol} and the names of {@code checkpoint.Layout}.
 *
 * <p>Threading: a machine belongs to one thread at a time; equal events in equal order give equal effects.
 */
package dev.moorage.coordinator.core;
