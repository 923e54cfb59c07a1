package kr.madang.plugins.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import kr.madang.plugins.jdbc.ColumnType.Category;
import kr.madang.plugins.jdbc.SourceConfig.Statuses;
import kr.madang.sdk.batch.Quality;
import org.jspecify.annotations.Nullable;

/**
 * Reads one column of the row at hand; the same object for all rows. What it finds stands in its
 * fields until the next row.
 */
final class Cell {
  /** What a cell holds. */
  enum Holds {
    /** No value; the status says why. */
    NOTHING,
    /** A number. */
    DOUBLE,
    /** A whole number. */
    LONG,
    /** A text. */
    TEXT,
    /** Bytes. */
    BYTES
  }

  /** Up to here a double carries every whole number. */
  static final long EXACT = 1L << 53;

  private final Kind kind;
  private final Category category;
  private final int column;
  private final int length;
  private final int longest;
  private final int status;
  private final Statuses statuses;

  Holds holds = Holds.NOTHING;
  double number;
  long whole;
  @Nullable String text;
  byte @Nullable [] bytes;
  int quality;

  /**
   * A cell.
   *
   * @param column number in the result
   * @param length number of the column that holds the length of a text or of bytes, or 0
   * @param status number of the column of the status, or 0
   */
  Cell(
      Kind kind,
      Category category,
      int column,
      int length,
      int longest,
      int status,
      Statuses statuses) {
    this.kind = kind;
    this.category = category;
    this.column = column;
    this.length = length;
    this.longest = longest;
    this.status = status;
    this.statuses = statuses;
  }

  /** Reads the row at hand. */
  void read(ResultSet row) throws SQLException {
    quality = Quality.GOOD;
    try {
      if (kind == Kind.SQLITE) {
        readAny(row.getObject(column), row);
      } else {
        readTyped(row);
      }
    } catch (SQLException e) {
      if (Failures.ofConnection(e) || row.isClosed()) {
        throw e;
      }
      nothing(Quality.BAD_TYPE_MISMATCH); // The driver cannot read this value as its type.
    }
    if (status != 0) {
      quality = Quality.worst(status(row), quality);
    }
  }

  private void readTyped(ResultSet row) throws SQLException {
    switch (category) {
      case INTEGER -> {
        whole = row.getLong(column);
        holds = Holds.LONG;
      }
      case NUMBER -> number(row.getDouble(column));
      case FLAG -> number(row.getBoolean(column) ? 1 : 0);
      case BYTES -> {
        bytes = row.getBytes(column);
        holds = Holds.BYTES;
      }
      default -> {
        text = row.getString(column);
        holds = Holds.TEXT;
      }
    }
    if (row.wasNull()) {
      missing(row);
    }
  }

  /** SQLite keeps any type in any column. */
  private void readAny(@Nullable Object value, ResultSet row) throws SQLException {
    switch (value) {
      case null -> missing(row);
      case Number n when category == Category.TEXT || category == Category.TIME -> {
        text = n.toString();
        holds = Holds.TEXT;
      }
      case Double d -> number(d);
      case Number n -> {
        whole = n.longValue();
        holds = Holds.LONG;
      }
      case String s when category == Category.TEXT || category == Category.TIME -> {
        text = s;
        holds = Holds.TEXT;
      }
      case byte[] b when category == Category.BYTES -> {
        bytes = b;
        holds = Holds.BYTES;
      }
      default -> nothing(Quality.BAD_TYPE_MISMATCH);
    }
  }

  private void missing(ResultSet row) throws SQLException {
    boolean cut = length != 0 && row.getLong(length) > longest;
    nothing(cut ? Quality.BAD_OUT_OF_RANGE : Quality.BAD_NO_DATA);
  }

  private void number(double value) {
    if (Double.isFinite(value)) {
      number = value;
      holds = Holds.DOUBLE;
    } else {
      nothing(Quality.BAD_OUT_OF_RANGE);
    }
  }

  private void nothing(int why) {
    holds = Holds.NOTHING;
    quality = why;
  }

  private int status(ResultSet row) throws SQLException {
    long code;
    try {
      code = row.getLong(status);
    } catch (SQLException e) {
      if (Failures.ofConnection(e)) {
        throw e;
      }
      return Quality.UNCERTAIN;
    }
    if (row.wasNull()) {
      return Quality.UNCERTAIN; // A table that has statuses and does not give one.
    }
    if (statuses == Statuses.OPCDA) {
      return code < 0 || code > 255
          ? Quality.UNCERTAIN
          : code >= 192 ? Quality.GOOD : code < 64 ? Quality.BAD : Quality.UNCERTAIN;
    }
    return code < Integer.MIN_VALUE || code > 0xFFFF_FFFFL ? Quality.UNCERTAIN : (int) code;
  }
}
