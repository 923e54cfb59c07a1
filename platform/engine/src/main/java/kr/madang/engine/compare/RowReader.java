package kr.madang.engine.compare;

import java.io.IOException;

/** Gives the rows of one file in order. One thread. */
abstract class RowReader implements AutoCloseable {
  final ArrowFile file;
  private int at;
  private int rows;
  private long read;
  private long order = Long.MIN_VALUE;

  RowReader(ArrowFile file) {
    this.file = file;
  }

  /** Fills a row with the next one; false at the end. */
  final boolean next(Row into) throws IOException {
    while (at == rows) {
      if (!file.next()) {
        return false;
      }
      rows = file.root().getRowCount();
      at = 0;
    }
    try {
      fill(at++, into);
    } catch (IndexOutOfBoundsException | NegativeArraySizeException e) {
      throw file.damaged("is damaged in row " + read, e);
    }
    if (into.timed) {
      order = into.time;
    }
    into.order = order;
    read++;
    return true;
  }

  /** How many rows were given. */
  final long read() {
    return read;
  }

  abstract void fill(int row, Row into);

  @Override
  public final void close() throws IOException {
    file.close();
  }
}
