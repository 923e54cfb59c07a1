package kr.madang.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The finished files of a sink, in the order of the rows that their names say they hold.
 *
 * @param first of the rows of the first file
 * @param rows in all files
 */
record Written(List<Part> parts, long first, long rows) {
  private static final Pattern NAME =
      Pattern.compile("part-(.+)-e(\\d+)-(\\d+)-(\\d+)\\.(csv|arrow|parquet)");

  /** One file. */
  record Part(Path file, String stream, long epoch, long first, long last) {
    long rows() {
      return last - first + 1;
    }
  }

  /** Reads the names; fails where two files overlap, a row is in none, or streams are mixed. */
  static Written in(Path folder) throws IOException {
    List<Part> parts = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          Matcher name = NAME.matcher(file.getFileName().toString());
          if (name.matches()) {
            parts.add(
                new Part(
                    file,
                    name.group(1),
                    Long.parseLong(name.group(2)),
                    Long.parseLong(name.group(3)),
                    Long.parseLong(name.group(4))));
          }
        }
      }
    }
    parts.sort(java.util.Comparator.comparingLong(Part::epoch).thenComparingLong(Part::first));
    long rows = 0;
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      rows += part.rows();
      if (i > 0) {
        Part before = parts.get(i - 1);
        assertThat(part.stream).as("streams in %s", folder).isEqualTo(before.stream);
        if (part.epoch == before.epoch) {
          assertThat(part.first).as("first row of %s", part.file).isEqualTo(before.last + 1);
        }
      }
    }
    return new Written(parts, parts.isEmpty() ? 0 : parts.get(0).first, rows);
  }

  /** The cells of some columns of all rows, from files in CSV. */
  List<List<String>> cells(String... columns) throws IOException {
    List<List<String>> all = new ArrayList<>();
    for (Part part : parts) {
      List<String> lines = Files.readAllLines(part.file);
      List<String> head = List.of(lines.get(0).split(",", -1));
      assertThat(lines).as("rows of %s", part.file).hasSize((int) part.rows() + 1);
      for (String line : lines.subList(1, lines.size())) {
        String[] cells = line.split(",", -1);
        List<String> row = new ArrayList<>();
        for (String column : columns) {
          row.add(cells[head.indexOf(column)]);
        }
        all.add(row);
      }
    }
    return all;
  }

  /** One column of numbers of all rows, from files in CSV. */
  double[] numbers(String column) throws IOException {
    return cells(column).stream().mapToDouble(row -> Double.parseDouble(row.get(0))).toArray();
  }
}
