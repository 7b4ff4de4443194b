package dev.moorage.client.command;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Columns of text, as wide as they need to be. Headings that begin with {@code >} are set flush right. For one thread. */
final class Table {
    private static final String GAP = "  ";

    /** A word and how it is shown. */
    record Cell(String text, Colour colour) {
        static Cell of(Object value) {
            return value instanceof Cell cell ? cell : new Cell(String.valueOf(value), Colour.PLAIN);
        }
    }

    private final List<String> headings;
    private final List<Boolean> flushRight;
    private final List<List<Cell>> rows = new ArrayList<>();

    Table(String... headings) {
        this.flushRight =
                Stream.of(headings).map(heading -> heading.startsWith(">")).toList();
        this.headings = Stream.of(headings)
                .map(heading -> heading.replaceFirst("^>", ""))
                .toList();
    }

    /** One cell for each heading. */
    Table row(Object... cells) {
        if (cells.length != headings.size()) {
            throw new IllegalArgumentException(cells.length + " cells under " + headings.size() + " headings");
        }
        rows.add(Stream.of(cells).map(Cell::of).toList());
        return this;
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    void print(Terminal terminal) {
        boolean coloured = terminal.isOutColoured();
        int columns = columns();
        List<Cell> titles = headings.stream()
                .map(heading -> new Cell(heading, Colour.TITLE))
                .toList();
        Stream.concat(Stream.of(titles), rows.stream())
                .forEach(row -> terminal.out()
                        .println(line(row.subList(0, columns), coloured).stripTrailing()));
    }

    /** A last column in which nothing stands would only make lines longer than a terminal. */
    private int columns() {
        int last = headings.size() - 1;
        return rows.stream().allMatch(row -> row.get(last).text().isEmpty()) ? last : last + 1;
    }

    private String line(List<Cell> row, boolean coloured) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < row.size(); i++) {
            Cell cell = row.get(i);
            boolean last = i == row.size() - 1;
            String padding = " ".repeat(width(i) - cell.text().length());
            String painted = cell.colour().paint(cell.text(), coloured);
            line.append(flushRight.get(i) ? padding + painted : painted + (last ? "" : padding));
            line.append(last ? "" : GAP);
        }
        return line.toString();
    }

    private int width(int column) {
        return Stream.concat(
                        Stream.of(headings.get(column)),
                        rows.stream().map(row -> row.get(column).text()))
                .mapToInt(String::length)
                .max()
                .orElse(0);
    }
}
