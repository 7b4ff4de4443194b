/**
 * What a checkpoint is on a store: where its objects lie, their exact bytes, and how they are written and proved.
 *
 * <p>Two halves. Records: {@link dev.moorage.checkpoint.Layout} (keys), {@link dev.moorage.checkpoint.ManifestLog} (intent,
 * parts, outcome, verdicts), {@link dev.moorage.checkpoint.StateLog} (the job-state log) and
 * {@link dev.moorage.checkpoint.Catalog} (questions of people). Data: planner, codecs, writer and reader of shards. {@code
 * docs/format.md} has the bytes.
 *
 * <p>Knows nothing of actors, messages, processes or the network. Depends on: {@code protocol}, {@code storage}; Jackson and
 * zstd end here.
 *
 * <p>Threading: values are immutable. Everything else may be called from any thread unless it says otherwise; calls that
 * reach the store block.
 */
package dev.moorage.checkpoint;
