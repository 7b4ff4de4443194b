/**
 * Saves and loads of whole checkpoints through real daemons, as the ranks of a training job do them. Run with
 * {@code benchmarks/end-to-end}, which starts the daemons.
 *
 * <p>Depends on: {@code client}, {@code checkpoint}. Used by: {@code benchmarks/side-by-side}.
 */
package dev.moorage.benchmarks.endtoend;
