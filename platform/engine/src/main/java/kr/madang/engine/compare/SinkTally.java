package kr.madang.engine.compare;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import kr.madang.engine.compare.Layout.Column;
import kr.madang.engine.compare.SinkComparison.Rows;

/** Compares the rows of one sink: a first look at every row, then all pairs. */
final class SinkTally implements Matcher.Outcome {
  /** Columns or tags that are compared; what is beyond is only counted as rows. */
  static final int MOST_COLUMNS = 1_000;

  private static final int FINE_COLUMNS = 64;
  private static final int FINE = 2048;
  private static final int COARSE = 256;
  private static final int LEAST_POINTS = 60;
  private static final int ALL_POINTS = 40_000;

  private final Layout layout;
  private final boolean samples;
  private final Tags tags;
  private final CompareOptions options;
  private final List<ColumnTally> columns = new ArrayList<>();
  private final TimeLine line = new TimeLine();
  private final Runs runs;
  private long[] numbersA = new long[1];
  private long[] numbersB = new long[1];
  private long rowsA;
  private long rowsB;
  private long onlyA;
  private long onlyB;
  private long equal;
  private long within;
  private long beyond;

  /**
   * One without rows.
   *
   * @param tags empty for frames
   */
  SinkTally(Layout layout, boolean samples, Tags tags, CompareOptions options) {
    this.layout = layout;
    this.samples = samples;
    this.tags = tags;
    this.options = options;
    this.runs = new Runs(options.top(), tags);
    if (!samples) {
      layout.columns().forEach(this::column);
    }
  }

  private void column(Column column) {
    columns.add(new ColumnTally(column, options, columns.size() < FINE_COLUMNS ? FINE : COARSE));
  }

  /** The first look at all rows of a side. */
  void scan(boolean ofA, RowSource reader) throws IOException {
    Row row = new Row(layout);
    while (reader.next(row)) {
      if (row.timed) {
        line.add(row.time);
      }
      if (samples) {
        while (columns.size() <= row.tag && columns.size() < MOST_COLUMNS) {
          column(new Column(tags.name(columns.size()), "", "", "", 0, 1, true));
        }
        if (row.tag < columns.size()) {
          columns.get(row.tag).scan(ofA, row, 0);
        }
      } else {
        for (int i = 0; i < columns.size(); i++) {
          columns.get(i).scan(ofA, row, i);
        }
      }
    }
  }

  /** Ends the first look. */
  void lay() {
    int points = Math.max(LEAST_POINTS, ALL_POINTS / Math.max(1, columns.size()));
    line.lay(Math.min(options.points(), points));
    columns.forEach(column -> column.lay(line));
    numbersA = new long[Math.max(1, tags.count())];
    numbersB = new long[numbersA.length];
  }

  @Override
  public void read(boolean ofA, Row row) {
    if (ofA) {
      rowsA++;
      row.number = numbersA[row.tag]++;
    } else {
      rowsB++;
      row.number = numbersB[row.tag]++;
    }
    int part = line.part(row);
    if (!samples) {
      for (int i = 0; i < columns.size(); i++) {
        columns.get(i).read(ofA, row, i, part);
      }
    } else if (row.tag < columns.size()) {
      columns.get(row.tag).read(ofA, row, 0, part);
    }
  }

  @Override
  public void pair(Row a, Row b) {
    int part = line.part(a);
    Agreement worst = Agreement.IDENTICAL;
    if (!samples) {
      for (int i = 0; i < columns.size(); i++) {
        worst = worst.worse(columns.get(i).pair(a, b, i, part));
      }
    } else if (a.tag < columns.size()) {
      worst = columns.get(a.tag).pair(a, b, 0, part);
    }
    switch (worst) {
      case IDENTICAL -> equal++;
      case WITHIN_TOLERANCE -> within++;
      case DIFFERENT -> beyond++;
    }
  }

  @Override
  public void alone(boolean ofA, Row row) {
    if (ofA) {
      onlyA++;
    } else {
      onlyB++;
    }
    runs.add(ofA, row);
  }

  /** Ends the comparison. */
  Runs end() {
    runs.end();
    return runs;
  }

  Rows rows() {
    return new Rows(rowsA, rowsB, equal + within + beyond, onlyA, onlyB, equal, within, beyond);
  }

  List<ColumnTally> columns() {
    return columns;
  }
}
