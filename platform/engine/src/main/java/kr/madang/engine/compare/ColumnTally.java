package kr.madang.engine.compare;

import java.util.ArrayList;
import java.util.List;
import kr.madang.engine.compare.ColumnComparison.Odd;
import kr.madang.engine.compare.Layout.Column;
import kr.madang.engine.compare.SinkComparison.Presence;
import org.jspecify.annotations.Nullable;

/**
 * Compares one column of frames, or one tag of samples. First every row is {@link #scan scanned},
 * then, after {@link #lay}, every row is {@link #read} and every pair {@link #pair compared}.
 */
final class ColumnTally {
  private static final int MOST_ODD = 5;

  private final Column column;
  private final CompareOptions options;
  private final Tolerance tolerance;
  private final @Nullable StatusTally statuses;
  private final List<Odd> odd = new ArrayList<>();
  private @Nullable Scan scan;
  private @Nullable NumberTally numbers;
  private @Nullable TextTally texts;
  private long rowsA;
  private long rowsB;
  private long equal;
  private long within;
  private long beyond;
  private long missingInA;
  private long missingInB;

  ColumnTally(Column column, CompareOptions options, int sample) {
    this.column = column;
    this.options = options;
    this.tolerance = options.toleranceOf(column.name());
    this.statuses = column.status() ? new StatusTally() : null;
    this.scan = new Scan(sample);
  }

  /** The first look at a row; {@code number} is that of the column in the row. */
  void scan(boolean ofA, Row row, int number) {
    Scan first = scan;
    byte kind = row.kinds[number];
    if (first != null && (kind == Row.DOUBLE || kind == Row.LONG)) {
      for (int i = column.at(); i < column.at() + column.width(); i++) {
        first.add(ofA, NumberTally.number(row, number, i));
      }
    }
  }

  /** Ends the first look. */
  void lay(TimeLine line) {
    Scan first = scan;
    if (first == null) {
      throw new IllegalStateException("laid already");
    }
    numbers = new NumberTally(first, line, tolerance, options);
    scan = null;
  }

  private NumberTally numbers() {
    NumberTally laid = numbers;
    if (laid == null) {
      throw new IllegalStateException("not laid yet");
    }
    return laid;
  }

  /** Takes a row of one side in. */
  void read(boolean ofA, Row row, int number, int part) {
    NumberTally tally = numbers();
    switch (row.kinds[number]) {
      case Row.MISSING -> tally.missing(ofA);
      case Row.TEXT -> texts().add(ofA, text(row, number));
      default -> {
        for (int i = column.at(); i < column.at() + column.width(); i++) {
          tally.add(ofA, part, NumberTally.number(row, number, i));
        }
      }
    }
    if (statuses != null) {
      statuses.add(ofA, row.statuses[number]);
    }
    if (ofA) {
      rowsA++;
    } else {
      rowsB++;
    }
  }

  /** Compares two rows of the same key, values and statuses. */
  Agreement pair(Row a, Row b, int number, int part) {
    Agreement values = values(a, b, number, part);
    switch (values) {
      case IDENTICAL -> equal++;
      case WITHIN_TOLERANCE -> within++;
      case DIFFERENT -> beyond++;
    }
    boolean sameStatus =
        statuses == null || statuses.pair(a, a.statuses[number], b.statuses[number]);
    return sameStatus ? values : Agreement.DIFFERENT;
  }

  private Agreement values(Row a, Row b, int number, int part) {
    byte kindA = a.kinds[number];
    byte kindB = b.kinds[number];
    if (kindA == Row.MISSING && kindB == Row.MISSING) {
      return Agreement.IDENTICAL;
    }
    if (kindA == Row.MISSING || kindB == Row.MISSING) {
      missingInA += kindA == Row.MISSING ? 1 : 0;
      missingInB += kindB == Row.MISSING ? 1 : 0;
      odd(a, b, number);
      return Agreement.DIFFERENT;
    }
    if (kindA == Row.TEXT || kindB == Row.TEXT) {
      boolean same = texts().pair(a, shown(a, number), shown(b, number)) && kindA == kindB;
      return same ? Agreement.IDENTICAL : Agreement.DIFFERENT;
    }
    NumberTally tally = numbers();
    long before = tally.notFinite();
    Agreement numbers = tally.pair(a, b, number, column.at(), column.width(), part);
    if (tally.notFinite() > before) {
      odd(a, b, number);
    }
    return numbers;
  }

  private TextTally texts() {
    TextTally tally = texts;
    if (tally == null) {
      tally = new TextTally();
      texts = tally;
    }
    return tally;
  }

  private void odd(Row a, Row b, int number) {
    if (odd.size() < MOST_ODD) {
      odd.add(
          new Odd(
              Times.of(a),
              a.kinds[number] == Row.MISSING ? null : TextTally.cut(shown(a, number)),
              b.kinds[number] == Row.MISSING ? null : TextTally.cut(shown(b, number))));
    }
  }

  /** The value of a row that has one, as a text. */
  private String shown(Row row, int number) {
    return switch (row.kinds[number]) {
      case Row.TEXT -> text(row, number);
      case Row.LONG -> Long.toString(row.bits[column.at()]);
      default -> {
        StringBuilder all = new StringBuilder();
        for (int i = 0; i < Math.min(column.width(), 10); i++) {
          all.append(i == 0 ? "" : ", ").append(Double.longBitsToDouble(row.bits[column.at() + i]));
        }
        yield column.width() == 1
            ? all.toString()
            : "[" + all + (column.width() > 10 ? ", …]" : "]");
      }
    };
  }

  private static String text(Row row, int number) {
    String text = row.texts[number];
    return text == null ? "" : text;
  }

  /** Which sides had rows; null if none had. */
  @Nullable Presence presence() {
    if (rowsA == 0) {
      return rowsB == 0 ? null : Presence.ONLY_B;
    }
    return rowsB == 0 ? Presence.ONLY_A : Presence.BOTH;
  }

  /** The outcome. */
  ColumnComparison comparison() {
    StatusComparison status = statuses == null ? null : statuses.comparison(options.top());
    Agreement agreement =
        beyond > 0 || status != null && status.differ() > 0
            ? Agreement.DIFFERENT
            : within > 0 ? Agreement.WITHIN_TOLERANCE : Agreement.IDENTICAL;
    NumberTally tally = numbers();
    return new ColumnComparison(
        column.name(),
        column.unit(),
        column.typeA(),
        column.typeB(),
        agreement,
        tolerance,
        equal,
        within,
        beyond,
        missingInA,
        missingInB,
        tally.notFinite(),
        odd,
        tally.isEmpty() ? null : tally.comparison(),
        texts == null ? null : texts.comparison(options.top()),
        status);
  }
}
