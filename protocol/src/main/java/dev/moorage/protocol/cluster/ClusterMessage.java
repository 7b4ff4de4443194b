package dev.moorage.protocol.cluster;

/** What the serializer takes: a message that may cross to another process, at most 128 KiB when encoded. */
public sealed interface ClusterMessage permits ToCoordinator, ToWorker, Answer {}
