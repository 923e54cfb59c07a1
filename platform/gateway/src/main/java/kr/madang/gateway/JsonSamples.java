package kr.madang.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.batch.Samples;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.types.TimeUnit;

/** Corrected samples: {@code tag, value, status, sourceTime, receiveTime}. */
final class JsonSamples {
  private static final List<String> COLUMNS =
      List.of("tag", "value", "status", "sourceTime", "receiveTime");
  private static final int LONGEST_TAG = 255;

  private final JsonRows report;
  private final SampleWriter out;

  /** Tags whose values were integers or bytes before: JSON alone does not tell. */
  private final Set<String> whole = new HashSet<>();

  private final Set<String> binary = new HashSet<>();

  private JsonSamples(JsonRows report, SampleWriter out, Samples before) {
    this.report = report;
    this.out = out;
    for (int row = 0; row < before.rows(); row++) {
      String tag = before.tagName(before.tag(row));
      if (before.longValue(row) != null) {
        whole.add(tag);
      } else if (before.bytes(row) != null) {
        binary.add(tag);
      }
    }
  }

  static Batch read(JsonNode rows, Batch like, BufferAllocator allocator, JsonRows report) {
    try (SampleWriter out = new SampleWriter(allocator)) {
      JsonSamples samples = new JsonSamples(report, out, Samples.of(like));
      for (int i = 0; i < rows.size(); i++) {
        JsonNode row = rows.get(i);
        if (report.known(i, row, COLUMNS) && samples.complete(i, row)) {
          samples.row(i, row);
        }
      }
      report.throwIfAny();
      return out.take();
    }
  }

  private boolean complete(int i, JsonNode row) {
    boolean complete = true;
    for (String column : COLUMNS) {
      if (!row.has(column)) {
        report.problem(i, column, "is missing");
        complete = false;
      }
    }
    return complete;
  }

  private void row(int i, JsonNode row) {
    JsonNode tag = row.get("tag");
    OptionalInt status = JsonCells.status(row.get("status"));
    OptionalLong received = JsonCells.time(row.get("receiveTime"), TimeUnit.NANOSECOND);
    JsonNode source = row.get("sourceTime");
    OptionalLong sourceTime =
        source.isNull()
            ? OptionalLong.of(SampleWriter.NO_TIME)
            : JsonCells.time(source, TimeUnit.NANOSECOND);
    boolean named =
        tag.isTextual() && !tag.textValue().isEmpty() && tag.textValue().length() <= LONGEST_TAG;
    expect(named, i, "tag", "the name of a tag", tag);
    expect(status.isPresent(), i, "status", "a status such as Good", row.get("status"));
    String time = "a time such as 2026-01-31T08:00:00Z";
    expect(sourceTime.isPresent(), i, "sourceTime", time + " or null", source);
    expect(received.isPresent(), i, "receiveTime", time, row.get("receiveTime"));
    if (!named || status.isEmpty() || sourceTime.isEmpty() || received.isEmpty()) {
      return;
    }
    out.receivedAt(received.getAsLong());
    value(i, tag.textValue(), row.get("value"), status.getAsInt(), sourceTime.getAsLong());
  }

  private void value(int i, String name, JsonNode value, int status, long time) {
    int tag = out.tag(name);
    if (value.isNull()) {
      out.bad(tag, status, time);
    } else if (value.isNumber() && (whole.contains(name) || !exact(value))) {
      boolean fits = value.isIntegralNumber() && value.canConvertToLong();
      expect(fits, i, "value", "a whole number of 64 bits", value);
      if (fits) {
        out.putLong(tag, value.longValue(), status, time);
      }
    } else if (value.isNumber()) {
      expect(Double.isFinite(value.doubleValue()), i, "value", "a number", value);
      out.put(tag, value.doubleValue(), status, time);
    } else if (value.isTextual() && binary.contains(name)) {
      byte[] bytes = JsonCells.bytes(value);
      expect(bytes != null, i, "value", "bytes in Base64", value);
      if (bytes != null) {
        out.putBytes(tag, bytes, status, time);
      }
    } else if (value.isTextual()) {
      out.putText(tag, value.textValue(), status, time);
    } else {
      expect(false, i, "value", "a number, a text or null", value);
    }
  }

  /** Whether a double carries it: what is no whole number is one anyway. */
  private static boolean exact(JsonNode value) {
    return !value.isIntegralNumber()
        || value.canConvertToLong() && (long) (double) value.longValue() == value.longValue();
  }

  private void expect(boolean fits, int row, String column, String what, JsonNode got) {
    if (!fits) {
      report.problem(row, column, "expected " + what + ", got " + JsonRows.got(got));
    }
  }
}
