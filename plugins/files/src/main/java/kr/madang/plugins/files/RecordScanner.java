package kr.madang.plugins.files;

/**
 * Finds where the records of a CSV text end, in bytes, without reading their cells. It knows just
 * enough of quotes to see that a line break is inside of a cell, in the same way as the CSV library
 * does; so that the byte position after every record is known and a library parses only whole
 * records.
 */
final class RecordScanner {
  private final byte separator;
  private int[] ends = new int[64];
  private int[] linesBefore = new int[64];
  private int lines;

  RecordScanner(char separator) {
    this.separator = (byte) separator;
  }

  /**
   * Finds records.
   *
   * @param whole whether the text ends at {@code to}, so that the last record needs no line break
   * @return how many were found, at most {@code limit}; 0 if the first one is not whole
   */
  int scan(byte[] text, int from, int to, int limit, boolean whole) {
    int count = 0;
    int at = from;
    lines = 0;
    while (count < limit && at < to) {
      int linesAtStart = lines;
      int end = end(text, at, to, whole);
      if (end < 0) {
        lines = linesAtStart;
        break;
      }
      if (count == ends.length) {
        ends = java.util.Arrays.copyOf(ends, count * 2);
        linesBefore = java.util.Arrays.copyOf(linesBefore, count * 2);
      }
      ends[count] = end;
      linesBefore[count] = linesAtStart;
      count++;
      at = end;
    }
    return count;
  }

  /** Where a record that was found ends, behind its line break. */
  int end(int record) {
    return ends[record];
  }

  /** The line breaks before a record that was found, counted from the start of the scan. */
  int linesBefore(int record) {
    return linesBefore[record];
  }

  /** The line breaks in all records that were found. */
  int lines() {
    return lines;
  }

  private int end(byte[] text, int from, int to, boolean whole) {
    boolean cellStart = true;
    boolean quotedCell = false;
    boolean inQuotes = false;
    for (int at = from; at < to; at++) {
      byte c = text[at];
      if (inQuotes) {
        if (c == '"') {
          inQuotes = false;
        } else if (c == '\n' || (c == '\r' && (at + 1 == to || text[at + 1] != '\n'))) {
          lines++;
        }
      } else if (c == separator) {
        cellStart = true;
        quotedCell = false;
      } else if (c == '\n') {
        lines++;
        return at + 1;
      } else if (c == '\r') {
        if (at + 1 == to && !whole) {
          return -1;
        }
        lines++;
        return at + 1 < to && text[at + 1] == '\n' ? at + 2 : at + 1;
      } else {
        if (c == '"' && (cellStart || quotedCell)) {
          inQuotes = true;
          quotedCell = true;
        }
        cellStart = false;
      }
    }
    return whole && !inQuotes ? to : -1;
  }
}
