/**
 * The words of Moorage: names, numbers and failures as values that cannot be wrong.
 *
 * <p>Knows nothing of stores, actors or networks. Depends on the JDK alone. Used by every other package.
 *
 * <p>Threading: everything here is immutable and may be shared freely.
 */
package dev.moorage.protocol;
