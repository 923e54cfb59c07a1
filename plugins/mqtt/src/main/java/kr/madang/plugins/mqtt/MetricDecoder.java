package kr.madang.plugins.mqtt;

import org.eclipse.tahu.protobuf.SparkplugBProto.Payload;
import org.eclipse.tahu.protobuf.SparkplugBProto.Payload.Metric;

/** Sparkplug B payloads on any topic, without births: metrics must carry their names. */
final class MetricDecoder implements Decoder {
  private final Tags tags;

  MetricDecoder(Tags tags) {
    this.tags = tags;
  }

  @Override
  public void decode(Route route, byte[] payload, Readings out) throws Misfit {
    Payload read = Metrics.parse(payload);
    for (Metric metric : read.getMetricsList()) {
      if (metric.getName().isEmpty()) {
        throw new Misfit(
            "metric", "a name (the stage sparkplug knows aliases)", "alias " + metric.getAlias());
      }
      int tag = route.tag(0, tags);
      if (tag < 0) {
        String text =
            route.template(0).fill(name -> name.equals("metric") ? metric.getName() : null).text();
        tag = tags.of(text == null ? metric.getName() : text);
      }
      Metrics.add(tag, metric, metric.getDatatype(), Metrics.time(metric, read), out);
    }
  }
}
