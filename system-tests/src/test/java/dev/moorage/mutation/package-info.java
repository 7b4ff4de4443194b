/**
 * What {@code scripts/mutations.sh} runs tests with, on classes of which one rule was broken on purpose.
 *
 * <p>Depends on the JUnit platform only. One thread.
 */
package dev.moorage.mutation;
