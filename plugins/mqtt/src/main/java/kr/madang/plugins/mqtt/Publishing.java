package kr.madang.plugins.mqtt;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkContext;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/** The running sink: many messages under way, and a batch is written when all are acknowledged. */
final class Publishing implements Sink {
  private static final String JSON = "application/json";

  private final SinkConfig config;
  private final SinkContext context;
  private final Transport transport;
  private final Window window;
  private final Template template;
  private final JsonLines json = new JsonLines();
  private @Nullable Object names;
  private String[] topics = {};

  Publishing(SinkConfig config, SinkContext context, Transport transport, Window window) {
    this.config = config;
    this.context = context;
    this.transport = transport;
    this.window = window;
    template = Template.of("topic", config.topic());
  }

  @Override
  public void write(Batch batch) throws InterruptedException {
    if (Samples.matches(batch.schema())) {
      samples(batch);
    } else {
      frames(batch);
    }
    window.drain();
  }

  private void samples(Batch batch) throws InterruptedException {
    Samples samples = Samples.of(batch);
    Map<String, BitSet> refused = new TreeMap<>();
    for (int row = 0; row < samples.rows(); row++) {
      String tag = samples.tagName(samples.tag(row));
      String topic = topic(samples, samples.tag(row));
      if (topic.isEmpty()) {
        refuse(refused, "topic: expected no wildcard in the tag, got '" + tag + "'", row);
        continue;
      }
      boolean raw = config.payload() == SinkPayload.RAW;
      if (raw && (Quality.isBad(samples.status(row)) || !hasValue(samples, row))) {
        refuse(
            refused,
            "value: expected one that can be used, since a raw message carries no status, got "
                + Quality.name(samples.status(row)),
            row);
        continue;
      }
      byte[] payload = raw ? raw(samples, row) : json(batch, samples, row, tag);
      send(batch, row, topic, payload, raw ? "" : JSON);
    }
    refused.forEach((why, rows) -> context.reject(batch, rows, why));
  }

  private static void refuse(Map<String, BitSet> refused, String why, int row) {
    refused.computeIfAbsent(why, _ -> new BitSet()).set(row);
  }

  /** The topic of a tag, looked up once for all batches that number the tags alike. */
  private String topic(Samples samples, int tag) {
    Object identity = samples.tagsIdentity();
    if (names == null || !names.equals(identity)) {
      names = identity;
      topics = new String[samples.tagCount()];
    }
    String topic = topics[tag];
    if (topic == null) {
      String name = samples.tagName(tag);
      topic = String.valueOf(template.fill(_ -> name).text());
      topic = Checks.isTopic(topic) ? topic : "";
      topics[tag] = topic;
    }
    return topic;
  }

  private static boolean hasValue(Samples samples, int row) {
    return samples.hasValue(row)
        || samples.longValue(row) != null
        || samples.text(row) != null
        || samples.bytes(row) != null;
  }

  private byte[] json(Batch batch, Samples samples, int row, String tag) {
    json.begin().text("tag", tag);
    Long integer = samples.longValue(row);
    String text = samples.text(row);
    byte[] bytes = samples.bytes(row);
    if (samples.hasValue(row)) {
      json.number("value", samples.value(row));
    } else if (integer != null) {
      json.integer("value", integer);
    } else if (text != null) {
      json.text("value", text);
    } else if (bytes != null) {
      json.bytes("bytes", bytes);
    } else {
      json.missing("value");
    }
    int status = samples.status(row);
    json.text("quality", Quality.name(status)).integer("status", Integer.toUnsignedLong(status));
    if (samples.hasSourceTime(row)) {
      json.time("time", samples.time(row));
    }
    json.time("received", samples.receiveTime(row));
    return key(batch, row).end();
  }

  private static byte[] raw(Samples samples, int row) {
    Long integer = samples.longValue(row);
    String text = samples.text(row);
    byte[] bytes = samples.bytes(row);
    if (integer != null) {
      return Cells.ascii(integer.toString());
    }
    if (text != null) {
      return Cells.ascii(text);
    }
    return bytes != null ? bytes : Cells.number(samples.value(row));
  }

  private void frames(Batch batch) throws InterruptedException {
    List<String> fields = new ArrayList<>();
    for (Field field : Frames.fields(batch.schema())) {
      fields.add(field.getName());
    }
    if (config.payload() == SinkPayload.RAW) {
      rawFrames(batch, fields);
      return;
    }
    for (int row = 0; row < batch.rows(); row++) {
      json.begin().time("time", Cells.time(batch, row)).open("fields");
      for (String field : fields) {
        Cells.json(json, field, batch.root().getVector(field), row);
      }
      json.close().open("status");
      for (String field : fields) {
        json.integer(field, Integer.toUnsignedLong(Cells.status(batch, field, row)));
      }
      json.close();
      send(batch, row, config.topic(), key(batch, row).end(), JSON);
    }
  }

  private void rawFrames(Batch batch, List<String> fields) throws InterruptedException {
    Map<String, String> topicOf = new HashMap<>();
    for (String field : fields) {
      String topic = String.valueOf(template.fill(_ -> field).text());
      topicOf.put(field, Checks.isTopic(topic) ? topic : "");
    }
    for (int row = 0; row < batch.rows(); row++) {
      for (String field : fields) {
        FieldVector vector = batch.root().getVector(field);
        String topic = topicOf.getOrDefault(field, "");
        // A bare value cannot say that it is missing or bad: silence does.
        boolean usable = !vector.isNull(row) && !Quality.isBad(Cells.status(batch, field, row));
        if (usable && !topic.isEmpty()) {
          send(batch, row, topic, Cells.raw(vector, row), "");
        }
      }
    }
  }

  private JsonLines key(Batch batch, int row) {
    return json.text("stream", batch.stream())
        .integer("epoch", batch.epoch())
        .integer("sequence", batch.sequence() + row);
  }

  private void send(Batch batch, int row, String topic, byte[] payload, String contentType)
      throws InterruptedException {
    List<String> properties =
        config.broker().version() == Version.MQTT5
            ? List.of(
                "stream",
                batch.stream(),
                "epoch",
                Long.toString(batch.epoch()),
                "sequence",
                Long.toString(batch.sequence() + row))
            : List.of();
    window.send(
        new Outgoing(topic, payload, config.qos(), config.retain(), contentType, properties));
  }

  @Override
  public void idle() {
    transport.check();
  }

  @Override
  public void close() {
    transport.close();
  }
}
