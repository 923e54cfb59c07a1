package kr.madang.plugins.jdbc;

import java.sql.ResultSet;
import java.sql.SQLException;
import kr.madang.sdk.batch.Batch;
import org.apache.arrow.memory.BufferAllocator;

/** Turns rows of a table into rows of a batch. */
interface Mapping extends AutoCloseable {
  /** Takes the row at hand; what is not null is the reason why it cannot be taken. */
  @org.jspecify.annotations.Nullable
  String map(ResultSet row) throws SQLException;

  /** Sets the time at which the rows that follow were read; ns since 1970 UTC. */
  void receivedAt(long nanos);

  /** What was taken since the last time, owned by the caller; may have no rows. */
  Batch take();

  /** Rows taken since the last time. */
  int rows();

  @Override
  void close();

  /** The mapping that a config asks for. */
  static Mapping of(
      SourceConfig config, Table table, Selection selection, BufferAllocator allocator) {
    return switch (config.layout()) {
      case WIDE -> new FrameMapping(config, table, selection, allocator);
      case LONG -> new SampleMapping(config, table, selection, allocator);
    };
  }
}
