package kr.madang.plugins.kafka;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.plugins.kafka.SourceConfig.FieldShape;
import kr.madang.plugins.kafka.SourceConfig.OnGap;
import kr.madang.plugins.kafka.SourceConfig.Payload;
import kr.madang.plugins.kafka.SourceConfig.SampleShape;
import kr.madang.plugins.kafka.SourceConfig.Statuses;
import kr.madang.plugins.kafka.SourceConfig.TimeFormat;

/** Configs with the defaults of the annotations. */
final class Configs {
  private Configs() {}

  static Cluster cluster(String server) {
    return new Cluster(List.of(server), Optional.empty(), Optional.empty());
  }

  static SampleShape samples() {
    return new SampleShape("/tag", "/value", Map.of(), "/status", Optional.empty());
  }

  static Source source(String server, String topic) {
    return new Source(server, topic);
  }

  static Sink sink(String server, String topic) {
    return new Sink(server, topic);
  }

  static final class Source {
    private final String server;
    private final String topic;
    private String from = "earliest";
    private OnGap onGap = OnGap.RESUME;
    private Payload payload = Payload.JSON;
    private Map<String, FieldShape> fields = Map.of();
    private SampleShape samples = Configs.samples();
    private Optional<String> time = Optional.empty();
    private Optional<String> group = Optional.empty();
    private int batch = 2000;
    private int maxPayload = 1 << 20;

    private Source(String server, String topic) {
      this.server = server;
      this.topic = topic;
    }

    Source from(String start) {
      from = start;
      return this;
    }

    Source stopOnGap() {
      onGap = OnGap.STOP;
      return this;
    }

    Source arrow() {
      payload = Payload.ARROW;
      return this;
    }

    Source field(String name, SourceConfig.Type type) {
      fields = new LinkedHashMap<>(fields);
      fields.put(name, new FieldShape(Optional.empty(), "", type, Optional.empty()));
      return this;
    }

    Source samples(SampleShape shape) {
      samples = shape;
      return this;
    }

    Source time(String pointer) {
      time = Optional.of(pointer);
      return this;
    }

    Source group(String name) {
      group = Optional.of(name);
      return this;
    }

    Source maxPayload(int bytes) {
      maxPayload = bytes;
      return this;
    }

    Source batch(int records) {
      batch = records;
      return this;
    }

    SourceConfig build() {
      return new SourceConfig(
          cluster(server),
          List.of(topic),
          group.or(() -> Optional.of("test-" + topic)),
          from,
          onGap,
          payload,
          fields,
          samples,
          time,
          TimeFormat.AUTO,
          Statuses.OPCUA,
          batch,
          maxPayload);
    }
  }

  static final class Sink {
    private final String server;
    private final String topic;
    private Payload payload = Payload.JSON;
    private String key = "auto";
    private boolean transactional;
    private int maxRecord = 1_000_000;

    private Sink(String server, String topic) {
      this.server = server;
      this.topic = topic;
    }

    Sink arrow() {
      payload = Payload.ARROW;
      return this;
    }

    Sink key(String field) {
      key = field;
      return this;
    }

    Sink transactional() {
      transactional = true;
      return this;
    }

    Sink maxRecord(int bytes) {
      maxRecord = bytes;
      return this;
    }

    SinkConfig build() {
      return new SinkConfig(
          cluster(server),
          topic,
          payload,
          key,
          transactional,
          SinkConfig.Compression.NONE,
          maxRecord,
          Duration.ofMillis(5));
    }
  }
}
