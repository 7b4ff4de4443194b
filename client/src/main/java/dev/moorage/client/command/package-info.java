/**
 * The commands that read or ask: {@code ls}, {@code show}, {@code status}, {@code workers}, {@code verify}, {@code restore},
 * {@code cat}, {@code cancel}; and what every command shares: where to ask, how output looks, what a failure exits with.
 *
 * <p>A result goes to standard output, as text or with {@code --json} as one JSON object; progress and remarks go to
 * standard error. {@code docs/commands.md} names the fields. Knows nothing of actors: with {@code --store} a command reads
 * the store in its own process. Depends on: {@code client}, {@code dev.moorage.checkpoint}, picocli, Jackson.
 *
 * <p>Threading: a command runs in one thread; {@link dev.moorage.client.command.ProgressLine} may be told from any.
 */
package dev.moorage.client.command;
