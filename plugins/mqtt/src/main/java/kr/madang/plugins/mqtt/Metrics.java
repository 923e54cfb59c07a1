package kr.madang.plugins.mqtt;

import com.google.protobuf.InvalidProtocolBufferException;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import org.eclipse.tahu.protobuf.SparkplugBProto.DataType;
import org.eclipse.tahu.protobuf.SparkplugBProto.Payload;
import org.eclipse.tahu.protobuf.SparkplugBProto.Payload.Metric;
import org.eclipse.tahu.protobuf.SparkplugBProto.Payload.PropertySet;
import org.eclipse.tahu.protobuf.SparkplugBProto.Payload.PropertyValue;

/** Metrics of Sparkplug B and the rows they become. */
final class Metrics {
  private Metrics() {}

  static Payload parse(byte[] payload) throws Misfit {
    try {
      return Payload.parseFrom(payload);
    } catch (InvalidProtocolBufferException e) {
      throw new Misfit(
          "payload", "a Sparkplug B payload", Shown.text(String.valueOf(e.getMessage())));
    }
  }

  /** The time of a metric; that of its payload if it has none. */
  static long time(Metric metric, Payload payload) {
    if (metric.hasTimestamp()) {
      return Times.millis(metric.getTimestamp());
    }
    return payload.hasTimestamp() ? Times.millis(payload.getTimestamp()) : SampleWriter.NO_TIME;
  }

  /**
   * Adds the row of a metric.
   *
   * @param datatype as the birth said it
   */
  static void add(int tag, Metric metric, int datatype, long time, Readings out) {
    int status = quality(metric);
    if (time == SampleWriter.NO_TIME) {
      status = Quality.worst(status, Quality.UNCERTAIN);
    }
    if (metric.getIsNull()) {
      out.missing(tag, Quality.worst(status, Quality.BAD_NO_DATA), time);
      return;
    }
    DataType type = DataType.forNumber(datatype);
    switch (metric.getValueCase()) {
      case INT_VALUE -> out.integer(tag, narrow(metric.getIntValue(), type), status, time);
      case LONG_VALUE -> wide(tag, metric.getLongValue(), type, status, time, out);
      case FLOAT_VALUE -> out.number(tag, metric.getFloatValue(), status, time);
      case DOUBLE_VALUE -> out.number(tag, metric.getDoubleValue(), status, time);
      case BOOLEAN_VALUE -> out.integer(tag, metric.getBooleanValue() ? 1 : 0, status, time);
      case STRING_VALUE -> out.text(tag, metric.getStringValue(), status, time);
      case BYTES_VALUE -> out.bytes(tag, metric.getBytesValue().toByteArray(), status, time);
      case VALUE_NOT_SET -> out.missing(tag, Quality.worst(status, Quality.BAD_NO_DATA), time);
      case DATASET_VALUE, TEMPLATE_VALUE, EXTENSION_VALUE ->
          out.missing(tag, Quality.worst(status, Quality.BAD_TYPE_MISMATCH), time);
    }
  }

  /** Small signed integers travel as unsigned ones of 32 bits. */
  private static long narrow(int value, @org.jspecify.annotations.Nullable DataType type) {
    return switch (type) {
      case Int8 -> (byte) value;
      case Int16 -> (short) value;
      case Int32 -> value;
      case null, default -> value & 0xFFFF_FFFFL;
    };
  }

  private static void wide(
      int tag,
      long value,
      @org.jspecify.annotations.Nullable DataType type,
      int status,
      long time,
      Readings out) {
    switch (type) {
      case Int8 -> out.integer(tag, (byte) value, status, time);
      case Int16 -> out.integer(tag, (short) value, status, time);
      case Int32 -> out.integer(tag, (int) value, status, time);
      case UInt32 -> out.integer(tag, value & 0xFFFF_FFFFL, status, time);
      case UInt64 -> {
        if (value < 0) {
          out.missing(tag, Quality.worst(status, Quality.BAD_OUT_OF_RANGE), time);
        } else {
          out.integer(tag, value, status, time);
        }
      }
      case null, default -> out.integer(tag, value, status, time);
    }
  }

  private static int quality(Metric metric) {
    if (!metric.hasProperties()) {
      return Quality.GOOD;
    }
    PropertySet properties = metric.getProperties();
    int count = Math.min(properties.getKeysCount(), properties.getValuesCount());
    for (int i = 0; i < count; i++) {
      if (properties.getKeys(i).equalsIgnoreCase("quality")) {
        return quality(properties.getValues(i));
      }
    }
    return Quality.GOOD;
  }

  private static int quality(PropertyValue value) {
    try {
      return switch (value.getValueCase()) {
        case INT_VALUE -> Statuses.OPCDA.of(value.getIntValue());
        case LONG_VALUE -> Statuses.OPCDA.of(value.getLongValue());
        default -> Quality.UNCERTAIN;
      };
    } catch (Misfit _) {
      return Quality.BAD;
    }
  }
}
