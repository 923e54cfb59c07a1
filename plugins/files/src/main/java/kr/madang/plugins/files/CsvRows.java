package kr.madang.plugins.files;

import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.RecordType;
import java.io.Closeable;
import java.util.OptionalInt;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import org.jspecify.annotations.Nullable;

/**
 * Takes the cells of CSV records, in the order of the file's columns, and makes rows of them. A
 * record with a cell that cannot be read is rejected as a whole. A cell costs no object unless it
 * is a text.
 */
abstract sealed class CsvRows extends AbstractBaseCsvCallbackHandler<Boolean> implements Closeable
    permits WideCsvRows, LongCsvRows {
  /** A column that is not read. */
  static final int IGNORED = -1;

  /** The column of the time. */
  static final int TIME = -2;

  final NumberParser numbers;
  final Missing missing;
  private final StatusParser statuses;
  private final TimeParser times;

  /** What each column of the file at hand is: a constant above, or a number of the subclass. */
  private int[] roles = new int[0];

  private String[] names = new String[0];
  private Rejects rejects = (row, why) -> {};
  private int record;
  private int whole;
  private long time;
  private @Nullable String error;
  private boolean empty;

  CsvRows(SourceConfig config) {
    numbers = new NumberParser(CsvFormat.one("decimal", config.decimal()));
    missing = new Missing(config.missing());
    statuses = new StatusParser(config.statuses());
    times = TimeParser.of(config.time().format(), config.time().zone());
  }

  /** The columns of the file that is read next. */
  void columns(String[] names, int[] roles) {
    this.names = names;
    this.roles = roles;
  }

  /** A new block of records follows. */
  void block(Rejects rejects) {
    this.rejects = rejects;
    record = -1;
    whole = 0;
  }

  /** The number of records of this block that were met to their end, read or not. */
  int records() {
    return whole;
  }

  /** The role of a column by its name. */
  abstract int role(String column);

  /** Whether an empty time means that it is not known; {@link #end} gets {@link TimeParser#BAD}. */
  boolean timeIsOptional() {
    return false;
  }

  /** A new record begins. */
  abstract void begin();

  /** A cell of a column with a role of the subclass, without blanks around it. */
  abstract void cell(int role, int column, char[] text, int from, int length, boolean quoted);

  /** A record has been read without an error. */
  abstract void end(long time);

  /** The number of rows since the last batch was taken. */
  abstract int rows();

  /** Takes the rows out. */
  abstract Batch take();

  @Override
  protected final void handleBegin(long startingLineNumber) {
    record++;
    error = null;
    empty = false;
    time = TimeParser.BAD;
    begin();
  }

  @Override
  protected final void handleField(int index, char[] text, int offset, int count, boolean quoted) {
    if (error != null || index >= roles.length || roles[index] == IGNORED) {
      return;
    }
    int from = offset;
    int length = count;
    while (length > 0 && text[from] <= ' ') {
      from++;
      length--;
    }
    while (length > 0 && text[from + length - 1] <= ' ') {
      length--;
    }
    if (roles[index] == TIME) {
      if (length == 0 && timeIsOptional()) {
        return;
      }
      time = times.parse(text, from, length);
      if (time == TimeParser.BAD) {
        fail(index, times.problem(), text, from, length);
      }
    } else {
      cell(roles[index], index, text, from, length, quoted);
    }
  }

  @Override
  protected final void handleEmpty() {
    empty = true;
  }

  @Override
  protected final Boolean buildRecord() {
    whole++;
    if (empty || getRecordType() == RecordType.EMPTY) {
      return Boolean.FALSE;
    }
    if (getFieldCount() != roles.length) { // before a cell's error, which may follow from it
      rejects.reject(
          record, "expected " + roles.length + " columns as in the header, got " + getFieldCount());
    } else if (error != null) {
      rejects.reject(record, error);
    } else {
      end(time);
    }
    return Boolean.TRUE;
  }

  /** Rejects the record at hand. */
  final void fail(int column, String expected, char[] text, int from, int length) {
    error =
        names[column]
            + ": expected "
            + expected
            + ", got '"
            + new String(text, from, Math.min(length, 100))
            + "'";
  }

  /** Rejects the record at hand, in {@link #end}. */
  final void reject(String why) {
    rejects.reject(record, why);
  }

  /** A status; an empty cell is Good. */
  final int status(int column, char[] text, int from, int length) {
    if (length == 1 && text[from] == '0' && statuses.of(0).orElse(1) == 0) {
      return Quality.GOOD;
    }
    if (missing.matches(text, from, length)) {
      return Quality.GOOD;
    }
    OptionalInt parsed = statuses.parse(new String(text, from, length));
    if (parsed.isEmpty()) {
      fail(column, statuses.expected(), text, from, length);
    }
    return parsed.orElse(Quality.BAD);
  }
}
