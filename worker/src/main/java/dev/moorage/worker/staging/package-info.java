/**
 * The staging directory of a worker: shared-memory segments that ranks fill, and the sidecars that outlive a restart.
 *
 * <p>Knows nothing of leases and rules: {@code worker.core} decides what is allocated, summed and removed. Bytes are read
 * and written by positioned calls and never mapped here, so a full tmpfs is an error and not a signal.
 *
 * <p>Depends on: {@code worker.core} for its records, {@code checkpoint} for sources and targets, {@code protocol}.
 *
 * <p>Threading: all calls block; different segments may be worked on by any number of threads at once.
 */
package dev.moorage.worker.staging;
