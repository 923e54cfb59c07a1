package kr.madang.plugins.files;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/** The content of an Arrow or Parquet file, block by block. */
sealed interface Blocks extends Closeable permits ArrowBlocks, ParquetBlocks {

  /** What the file's metadata says. */
  List<ColumnInfo> columns() throws IOException;

  /** Reads the next block into {@link #root}; false at the end. */
  boolean next() throws IOException;

  /** The block at hand; overwritten by {@link #next}. */
  VectorSchemaRoot root() throws IOException;

  /** The dictionaries of the block at hand. */
  DictionaryProvider dictionaries();
}
