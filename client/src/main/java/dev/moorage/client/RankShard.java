package dev.moorage.client;

import dev.moorage.checkpoint.ShardSource;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.ShardFormat;

/**
 * The own shard of a rank.
 *
 * @param source its raw bytes; whoever made it closes it
 */
public record RankShard(Rank rank, ShardFormat format, ShardSource source) {}
