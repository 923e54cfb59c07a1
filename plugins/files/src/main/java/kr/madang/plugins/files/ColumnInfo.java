package kr.madang.plugins.files;

import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/**
 * What a file says of one of its columns.
 *
 * @param name as the file has it
 * @param kind what its cells can become
 * @param field of an Arrow or Parquet column
 */
record ColumnInfo(String name, Kind kind, @Nullable Field field) {
  /** What cells can become. */
  enum Kind {
    /** A double; also a bool. */
    NUMBER,
    /** A text. */
    TEXT,
    /** An instant. */
    TIME,
    /** A fixed-size list, passed on as it is. */
    LIST,
    /** Nothing that a pipeline knows. */
    OTHER
  }
}
