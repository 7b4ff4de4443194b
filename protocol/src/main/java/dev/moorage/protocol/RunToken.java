package dev.moorage.protocol;

import java.util.regex.Pattern;

/**
 * What all processes of one life of a job share, from their launcher (torchrun: run id and restart count; Slurm: job, step
 * and restart count). 1 to 200 printable ASCII characters without space.
 */
public record RunToken(String value) {
    private static final Pattern FORM = Pattern.compile("[\\x21-\\x7e]{1,200}");

    public RunToken {
        Check.valid(
                value != null && FORM.matcher(value).matches(),
                "run token must be 1 to 200 printable ASCII characters without space, was " + Check.quote(value));
    }

    @Override
    public String toString() {
        return value;
    }
}
