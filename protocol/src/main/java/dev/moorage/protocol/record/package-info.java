/**
 * What is kept on the store, as values: intent, part record, manifest, verdict, entries of the job-state log.
 *
 * <p>Knows the meaning and not the bytes: {@code dev.moorage.checkpoint} writes and reads them, {@code docs/format.md}
 * describes them. Depends on {@code dev.moorage.protocol} alone.
 *
 * <p>Threading: everything here is immutable and may be shared freely.
 */
package dev.moorage.protocol.record;
