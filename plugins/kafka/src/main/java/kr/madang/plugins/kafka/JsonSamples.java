package kr.madang.plugins.kafka;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kr.madang.plugins.kafka.JsonValues.Kind;
import kr.madang.plugins.kafka.SourceConfig.SampleShape;
import kr.madang.plugins.kafka.SourceConfig.Statuses;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** JSON values that hold one sample, several, or a list of them. */
final class JsonSamples implements Decoder {
  private final JsonFactory factory;
  private final JsonValues values = new JsonValues();
  private final Times times;
  private final Statuses statuses;
  private final Tags tags;
  private final SampleWriter writer;
  private final SampleShape shape;
  private final List<String> path = new ArrayList<>();
  private final int tagSlot;
  private final int[] valueSlots;
  private final String[] fixedTags;
  private final int statusSlot;
  private final int timeSlot;
  private final boolean recordTime;

  JsonSamples(SourceConfig config, BufferAllocator allocator) {
    shape = config.samples();
    factory = Json.factory(config.maxPayload());
    times = new Times(config.timeFormat());
    statuses = config.statuses();
    tagSlot =
        shape.values().isEmpty() && shape.tag().startsWith("/") ? values.slot(shape.tag()) : -1;
    if (shape.values().isEmpty()) {
      valueSlots = new int[] {values.slot(shape.value())};
      fixedTags = new String[] {shape.tag()};
    } else {
      valueSlots = new int[shape.values().size()];
      fixedTags = new String[valueSlots.length];
      int i = 0;
      for (Map.Entry<String, String> entry : shape.values().entrySet()) {
        fixedTags[i] = entry.getKey();
        valueSlots[i++] = values.slot(entry.getValue());
      }
    }
    statusSlot = values.slot(shape.status());
    recordTime = config.time().filter("record"::equals).isPresent();
    timeSlot = recordTime ? -1 : values.slot(config.time().orElse("/sourceTime"));
    shape
        .each()
        .filter(pointer -> !pointer.equals("/"))
        .ifPresent(pointer -> path.addAll(List.of(pointer.substring(1).split("/", -1))));
    writer = new SampleWriter(allocator);
    tags = new Tags(writer);
  }

  @Override
  public @Nullable String decode(ConsumerRecord<byte[], byte[]> record) {
    byte[] payload = record.value();
    try (JsonParser parser = factory.createParser(payload)) {
      parser.nextToken();
      if (shape.each().isEmpty()) {
        values.read(parser);
        Json.end(parser);
        return row(record);
      }
      return elements(parser, record);
    } catch (IOException e) {
      return "expected JSON, got: " + Json.words(e);
    }
  }

  private @Nullable String elements(JsonParser parser, ConsumerRecord<byte[], byte[]> record)
      throws IOException {
    if (!descend(parser)) {
      return "expected a list at " + shape.each().orElse("") + ", got none";
    }
    String why = null;
    for (int i = 0; parser.nextToken() != JsonToken.END_ARRAY; i++) {
      values.read(parser);
      String wrong = row(record);
      if (wrong != null && why == null) {
        why = "element " + i + ": " + wrong;
      }
    }
    return why;
  }

  private boolean descend(JsonParser parser) throws IOException {
    for (String name : path) {
      if (parser.currentToken() != JsonToken.START_OBJECT) {
        return false;
      }
      String found = parser.nextFieldName();
      while (found != null && !found.equals(name)) {
        parser.nextToken();
        parser.skipChildren();
        found = parser.nextFieldName();
      }
      if (found == null) {
        return false;
      }
      parser.nextToken();
    }
    return parser.currentToken() == JsonToken.START_ARRAY;
  }

  private @Nullable String row(ConsumerRecord<byte[], byte[]> record) {
    int status = Json.status(values, statusSlot, statuses);
    long time;
    if (recordTime) {
      long millis = record.timestamp();
      time = millis < 0 || millis > 9_223_372_036_854L ? SampleWriter.NO_TIME : millis * 1_000_000;
    } else {
      time = times.of(values, timeSlot);
      Kind kind = values.kinds[timeSlot];
      if (time == SampleWriter.NO_TIME && kind != Kind.ABSENT && kind != Kind.NULL) {
        status = Quality.worst(status, Quality.UNCERTAIN);
      }
    }
    for (int i = 0; i < valueSlots.length; i++) {
      String name = tagSlot >= 0 ? tag() : named(fixedTags[i], record);
      if (name == null) {
        return shape.tag() + ": expected the name of a tag, got none";
      }
      int tag = tags.number(name);
      if (tag < 0) {
        return "tag: " + tags.unfit(name);
      }
      put(tag, valueSlots[i], status, time);
    }
    return null;
  }

  private @Nullable String tag() {
    return values.kinds[tagSlot] == Kind.TEXT ? values.text(tagSlot) : null;
  }

  private static @Nullable String named(String tag, ConsumerRecord<byte[], byte[]> record) {
    return switch (tag) {
      case "{key}" ->
          record.key() == null ? null : new String(record.key(), StandardCharsets.UTF_8);
      case "{topic}" -> record.topic();
      default -> tag;
    };
  }

  private void put(int tag, int slot, int status, long time) {
    switch (values.kinds[slot]) {
      case DOUBLE, FLAG -> {
        if (Double.isFinite(values.numbers[slot])) {
          writer.put(tag, values.numbers[slot], status, time);
        } else {
          writer.bad(tag, Quality.BAD_OUT_OF_RANGE, time);
        }
      }
      case LONG -> {
        long whole = values.longs[slot];
        if (whole >= -Json.EXACT && whole <= Json.EXACT) {
          writer.put(tag, whole, status, time);
        } else {
          writer.putLong(tag, whole, status, time);
        }
      }
      case TEXT -> writer.putText(tag, values.text(slot), status, time);
      case OTHER -> writer.bad(tag, Quality.BAD_TYPE_MISMATCH, time);
      case ABSENT, NULL ->
          writer.bad(tag, Quality.isBad(status) ? status : Quality.BAD_NO_DATA, time);
    }
  }

  @Override
  public void receivedAt(long nanos) {
    writer.receivedAt(nanos);
  }

  @Override
  public Batch take() {
    return writer.take();
  }

  @Override
  public void close() {
    writer.close();
  }
}
