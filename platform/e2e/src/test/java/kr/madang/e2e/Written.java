package kr.madang.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
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
    parts.sort(Comparator.comparingLong(Part::epoch).thenComparingLong(Part::first));
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

  /** Takes the cells of a row, in the order of the columns that were asked for. */
  @FunctionalInterface
  interface Row {
    void take(String[] cells);
  }

  /** Reads some columns of all rows, from files in CSV. */
  void forEach(Row taker, String... columns) throws IOException {
    for (Part part : parts) {
      List<String> lines = Files.readAllLines(part.file);
      List<String> head = List.of(lines.get(0).split(",", -1));
      assertThat(lines).as("rows of %s", part.file).hasSize((int) part.rows() + 1);
      int[] wanted = Arrays.stream(columns).mapToInt(head::indexOf).toArray();
      for (String line : lines.subList(1, lines.size())) {
        String[] cells = line.split(",", -1);
        taker.take(Arrays.stream(wanted).mapToObj(i -> cells[i]).toArray(String[]::new));
      }
    }
  }

  /** One column of numbers of all rows, from files in CSV. */
  double[] numbers(String column) throws IOException {
    double[] all = new double[Math.toIntExact(rows)];
    int[] count = {0};
    forEach(cells -> all[count[0]++] = Double.parseDouble(cells[0]), column);
    return all;
  }
}
