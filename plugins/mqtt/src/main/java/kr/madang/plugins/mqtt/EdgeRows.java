package kr.madang.plugins.mqtt;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.sink.SinkContext;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.FloatingPointVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.types.pojo.Field;
import org.eclipse.tahu.protobuf.SparkplugBProto.DataType;
import org.jspecify.annotations.Nullable;

/** Turns batches into values of metrics, and knows all metrics so far. One thread. */
final class EdgeRows {
  /** A value that is to be sent. */
  record Row(EdgeMetric metric, @Nullable Object value, int status, long millis) {
    void apply() {
      metric.set(value, status, millis);
    }
  }

  private static final long MILLI = 1_000_000L;

  private final int most;
  private final SinkContext context;
  private final Map<String, EdgeMetric> metrics = new LinkedHashMap<>();
  private boolean changed = true;

  EdgeRows(int most, SinkContext context) {
    this.most = most;
    this.context = context;
  }

  Collection<EdgeMetric> metrics() {
    return metrics.values();
  }

  /** Whether a metric is new since the last birth. */
  boolean changed() {
    return changed;
  }

  /** A birth has told all. */
  void told() {
    changed = false;
  }

  List<Row> read(Batch batch) {
    return Samples.matches(batch.schema()) ? samples(batch) : frames(batch);
  }

  private List<Row> samples(Batch batch) {
    Samples samples = Samples.of(batch);
    List<Row> rows = new ArrayList<>(samples.rows());
    BitSet refused = new BitSet();
    for (int row = 0; row < samples.rows(); row++) {
      Object value = value(samples, row);
      EdgeMetric metric = metric(samples.tagName(samples.tag(row)), value);
      if (metric == null) {
        refused.set(row);
      } else {
        long millis = Math.floorDiv(samples.time(row), MILLI);
        rows.add(new Row(metric, value, samples.status(row), millis));
      }
    }
    refuse(batch, refused);
    return rows;
  }

  private static @Nullable Object value(Samples samples, int row) {
    if (samples.hasValue(row)) {
      return samples.value(row);
    }
    Long integer = samples.longValue(row);
    if (integer != null) {
      return integer;
    }
    String text = samples.text(row);
    return text != null ? text : samples.bytes(row);
  }

  private List<Row> frames(Batch batch) {
    List<Row> rows = new ArrayList<>();
    BitSet refused = new BitSet();
    for (int row = 0; row < batch.rows(); row++) {
      long millis = Math.floorDiv(Cells.time(batch, row), MILLI);
      for (Field field : Frames.fields(batch.schema())) {
        Object value = value(batch.root().getVector(field.getName()), row);
        EdgeMetric metric = metric(field.getName(), value);
        if (metric == null) {
          refused.set(row);
        } else {
          rows.add(new Row(metric, value, Cells.status(batch, field.getName(), row), millis));
        }
      }
    }
    refuse(batch, refused);
    return rows;
  }

  private static @Nullable Object value(FieldVector vector, int row) {
    if (vector.isNull(row)) {
      return null;
    }
    return switch (vector) {
      case FloatingPointVector floats -> floats.getValueAsDouble(row);
      case BaseIntVector integers -> integers.getValueAsLong(row);
      case VarCharVector texts -> new String(texts.get(row), StandardCharsets.UTF_8);
      case VarBinaryVector bytes -> bytes.get(row);
      case BitVector truths -> (long) truths.get(row);
      case TimeStampVector times -> times.get(row);
      default -> null;
    };
  }

  private @Nullable EdgeMetric metric(String name, @Nullable Object value) {
    DataType type = value == null ? null : EdgeMetric.type(value);
    EdgeMetric metric = metrics.get(name);
    if (metric == null) {
      if (metrics.size() >= most) {
        return null;
      }
      metric = new EdgeMetric(name, metrics.size() + 1, type == null ? DataType.Double : type);
      metrics.put(name, metric);
      changed = true;
    } else if (type != null && type != metric.type()) {
      metric.become(type);
      changed = true;
    }
    return metric;
  }

  private void refuse(Batch batch, BitSet rows) {
    if (!rows.isEmpty()) {
      context.reject(batch, rows, "expected at most " + most + " metrics (maxMetrics), got more");
    }
  }
}
