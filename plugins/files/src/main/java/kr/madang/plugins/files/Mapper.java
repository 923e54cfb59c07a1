package kr.madang.plugins.files;

import java.util.OptionalInt;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.jspecify.annotations.Nullable;

/** Makes batches of a canonical shape from the rows of a block. */
sealed interface Mapper permits WideMapper, LongMapper {

  /** A batch of the rows that can be read, or null if there are none. */
  @Nullable Batch map(
      VectorSchemaRoot in, DictionaryProvider dictionaries, int from, int rows, Rejects rejects);

  /** A status; null is Good, what is none is Bad. */
  static int status(Cells cells, int row, StatusParser statuses) {
    if (cells.isNull(row)) {
      return Quality.GOOD;
    }
    double number = cells.number(row);
    OptionalInt status =
        Double.isNaN(number) ? statuses.parse(cells.text(row)) : statuses.of((long) number);
    return status.orElse(Quality.BAD_CONFIGURATION_ERROR);
  }
}
