/**
 * Measurements of the data plane with JMH, each beside its limit in the same run. Never part of the tests.
 *
 * <p>Depends on: {@code checkpoint}, {@code storage}. Used by nobody. Run with
 * {@code mvn -q -pl benchmarks -am package -DskipTests && java -cp … org.openjdk.jmh.Main}; {@code benchmarks/run} does it.
 */
package dev.moorage.benchmarks;
