package dev.moorage.checkpoint;

/** Foreign text in messages. */
final class Text {
    private static final int SHOWN_MAX = 120;

    private Text() {}

    /** The value in quotes, cut and with control characters made visible, so that no message can forge a log line. */
    static String quote(String value) {
        return quote(value, SHOWN_MAX);
    }

    /** @param shown how many characters are kept at most */
    static String quote(String value, int shown) {
        StringBuilder text = new StringBuilder("'");
        value.chars().limit(shown).forEach(c -> {
            if (Character.isISOControl(c)) {
                text.append(String.format("\\u%04x", c));
            } else {
                text.append((char) c);
            }
        });
        return text.append(value.length() > shown ? "…'" : "'").toString();
    }
}
