package kr.madang.plugins.modbus;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.source.PolledSource;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.Rows;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/** A source under test with the writer of a host. */
final class Opened implements AutoCloseable {
  private final PolledSource source;
  private final SampleWriter writer;

  Opened(ModbusConfig config, BufferAllocator allocator) throws Exception {
    source = (PolledSource) new ModbusSource().open(config, new FakeSourceContext(allocator));
    writer = new SampleWriter(allocator);
  }

  PolledSource source() {
    return source;
  }

  /** One round as tag → value, or the name of the status where there is none. */
  Map<String, Object> round() throws Exception {
    Map<String, Object> values = new LinkedHashMap<>();
    source.read(writer);
    try (Batch batch = writer.take()) {
      for (Map<String, @Nullable Object> row : Rows.of(batch)) {
        Object tag = row.get("tag");
        if (tag == null || values.put((String) tag, cell(row)) != null) {
          throw new AssertionError("a row without a tag, or a tag twice: " + row);
        }
      }
    }
    return values;
  }

  private static Object cell(Map<String, @Nullable Object> row) {
    Object status = row.get("status");
    for (String column : List.of("value", "long", "text")) {
      Object value = row.get(column);
      if (value != null && Integer.valueOf(Quality.GOOD).equals(status)) {
        return value;
      }
    }
    return Quality.name(status instanceof Integer code ? code : 0);
  }

  @Override
  public void close() throws Exception {
    source.close();
    writer.close();
  }
}
