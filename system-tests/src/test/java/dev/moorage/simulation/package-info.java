/**
 * Whole jobs simulated in one thread: the real decisions of coordinators and workers, the real records on a store in memory,
 * and everything that can go wrong between them, chosen by one seed.
 *
 * <p>A {@link dev.moorage.simulation.Timeline} holds virtual time and what is still to happen. Every store call of a process
 * may let others act before and after it, so that crashes, pauses and races fall between any two of them. The
 * {@link dev.moorage.simulation.Referee} watches each record that appears and each answer that is given.
 *
 * <p>Knows no Pekko and no gRPC. The same seed gives the same events, on every run and machine.
 */
package dev.moorage.simulation;
