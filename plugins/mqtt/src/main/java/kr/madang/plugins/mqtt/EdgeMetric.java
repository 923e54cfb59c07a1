package kr.madang.plugins.mqtt;

import com.google.protobuf.ByteString;
import kr.madang.sdk.batch.Quality;
import org.eclipse.tahu.protobuf.SparkplugBProto.DataType;
import org.eclipse.tahu.protobuf.SparkplugBProto.Payload.Metric;
import org.eclipse.tahu.protobuf.SparkplugBProto.Payload.PropertySet;
import org.eclipse.tahu.protobuf.SparkplugBProto.Payload.PropertyValue;
import org.jspecify.annotations.Nullable;

/** One metric of an edge node with its last value. */
final class EdgeMetric {
  private static final int STALE = 500;

  final String name;
  final long alias;
  private DataType type;
  private @Nullable Object value;
  private int status = Quality.BAD_WAITING_FOR_INITIAL_DATA;
  private long millis;

  EdgeMetric(String name, long alias, DataType type) {
    this.name = name;
    this.alias = alias;
    this.type = type;
  }

  DataType type() {
    return type;
  }

  /** Another type needs another birth. */
  void become(DataType other) {
    type = other;
    value = null;
  }

  void set(@Nullable Object value, int status, long millis) {
    this.value = Quality.isBad(status) ? null : value;
    this.status = status;
    this.millis = millis;
  }

  /** As a birth tells it: with its name and its last value. */
  Metric birth(long now) {
    return fill(
            Metric.newBuilder().setName(name).setDatatype(type.getNumber()),
            millis == 0 ? now : millis)
        .setAlias(alias)
        .build();
  }

  /**
   * As data tell it: by its alias. The type is said again, which the standard does not ask for:
   * widespread hosts read no value without it.
   */
  Metric data(boolean historical) {
    Metric.Builder metric =
        fill(Metric.newBuilder().setAlias(alias).setDatatype(type.getNumber()), millis);
    if (historical) {
      metric.setIsHistorical(true);
    }
    return metric.build();
  }

  private Metric.Builder fill(Metric.Builder metric, long time) {
    metric.setTimestamp(time);
    switch (value) {
      case null -> metric.setIsNull(true);
      case Double number -> metric.setDoubleValue(number);
      case Long integer -> metric.setLongValue(integer);
      case String text -> metric.setStringValue(text);
      case byte[] bytes -> metric.setBytesValue(ByteString.copyFrom(bytes));
      default -> throw new IllegalStateException("no value of Sparkplug: " + value.getClass());
    }
    if (!Quality.isGood(status)) {
      metric.setProperties(
          PropertySet.newBuilder()
              .addKeys("Quality")
              .addValues(
                  PropertyValue.newBuilder()
                      .setType(DataType.Int32.getNumber())
                      .setIntValue(Quality.isBad(status) ? 0 : STALE)));
    }
    return metric;
  }

  static DataType type(Object value) {
    return switch (value) {
      case Double _ -> DataType.Double;
      case Long _ -> DataType.Int64;
      case byte[] _ -> DataType.Bytes;
      default -> DataType.String;
    };
  }
}
