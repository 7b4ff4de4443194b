package dev.moorage.node.demo;

import java.time.Duration;
import java.util.Optional;

/**
 * A line of the closing table.
 *
 * @param rawBytes that were moved or checked
 * @param storedBytes on the store; empty where it says nothing
 */
record Phase(String what, long rawBytes, Optional<Long> storedBytes, Duration time) {}
