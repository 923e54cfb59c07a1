package kr.madang.plugins.files;

import java.io.IOException;
import kr.madang.sdk.batch.Batch;

/** Writes rows of one schema into one file. */
sealed interface RowWriter permits CsvRowWriter, ArrowRowWriter, ParquetRowWriter {

  /** Whether rows of this batch can go on in this file. */
  default boolean accepts(Batch batch) {
    return true;
  }

  /** Writes some rows of a batch. */
  void write(Batch batch, int from, int count) throws IOException;

  /** About how many bytes the file would have if it were finished now. */
  long size();

  /** Writes what is still kept back; {@code last} is the sequence of the last row. */
  void finish(long last) throws IOException;

  /** Frees memory; without {@link #finish} the file is worthless. */
  void release();
}
