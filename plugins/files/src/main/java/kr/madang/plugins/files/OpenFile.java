package kr.madang.plugins.files;

import java.io.Closeable;
import java.io.IOException;
import kr.madang.sdk.batch.Batch;
import org.jspecify.annotations.Nullable;

/** A file that is being read. It writes how far it came into its {@link Progress}. */
sealed interface OpenFile extends Closeable permits CsvFile, ColumnarFile {

  /**
   * The next rows, or null if there are none: then {@link #atEnd} says whether to ask again.
   *
   * @param whole whether the file has been written to its end, so that its last line needs no line
   *     break
   */
  @Nullable Batch next(boolean whole) throws IOException;

  /** Whether all that the file has now has been read. */
  boolean atEnd() throws IOException;

  /** How far the file has been read. */
  Progress progress();
}
