package kr.madang.engine.compare;

import java.io.IOException;

/** Gives the rows of one file in order. One thread. */
abstract class RowReader implements RowSource {
  final ArrowFile file;
  private int at;
  private int rows;
  private long read;

  /** Reads from a file that somebody else closes. */
  RowReader(ArrowFile file) {
    this.file = file;
  }

  @Override
  public final boolean next(Row into) throws IOException {
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
    read++;
    return true;
  }

  abstract void fill(int row, Row into);
}
