package kr.madang.plugins.kafka;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kr.madang.plugins.kafka.JsonValues.Kind;
import kr.madang.plugins.kafka.SourceConfig.FieldShape;
import kr.madang.plugins.kafka.SourceConfig.Statuses;
import kr.madang.plugins.kafka.SourceConfig.Type;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/** JSON objects that hold one frame each. */
final class JsonFrames implements Decoder {
  private final JsonFactory factory;
  private final JsonValues values = new JsonValues();
  private final Times times;
  private final Statuses statuses;
  private final FrameWriter writer;
  private final String timeAt;
  private final boolean recordTime;
  private final int timeSlot;
  private final int[] slots;
  private final int[] statusSlots;
  private final Type[] types;

  JsonFrames(SourceConfig config, BufferAllocator allocator) {
    factory = Json.factory(config.maxPayload());
    times = new Times(config.timeFormat());
    statuses = config.statuses();
    timeAt = config.time().orElse("/time");
    recordTime = timeAt.equals("record");
    timeSlot = recordTime ? -1 : values.slot(timeAt);
    slots = new int[config.fields().size()];
    statusSlots = new int[slots.length];
    types = new Type[slots.length];
    int i = 0;
    for (Map.Entry<String, FieldShape> entry : config.fields().entrySet()) {
      FieldShape field = entry.getValue();
      String path = field.path().orElse("/" + escaped(entry.getKey()));
      slots[i] = values.slot(path);
      statusSlots[i] = values.slot(field.status().orElse(path + Frames.STATUS_SUFFIX));
      types[i++] = field.type();
    }
    writer = new FrameWriter(allocator, schema(config));
  }

  private static String escaped(String name) {
    return name.replace("~", "~0").replace("/", "~1");
  }

  /** The schema of the frames of a config. */
  static Schema schema(SourceConfig config) {
    List<Field> fields = new ArrayList<>();
    config
        .fields()
        .forEach((name, field) ->
            fields.add(
                Frames.field(
                    name,
                    switch (field.type()) {
                      case DOUBLE -> Frames.DOUBLE;
                      case LONG -> new ArrowType.Int(64, true);
                      case TEXT -> ArrowType.Utf8.INSTANCE;
                    },
                    field.unit(),
                    "")));
    return Frames.schema(fields);
  }

  @Override
  public @Nullable String decode(ConsumerRecord<byte[], byte[]> record) {
    try (JsonParser parser = factory.createParser(record.value())) {
      parser.nextToken();
      values.read(parser);
      Json.end(parser);
    } catch (IOException e) {
      return "expected JSON, got: " + Json.words(e);
    }
    long time;
    if (recordTime) {
      long millis = record.timestamp();
      time = millis < 0 || millis > 9_223_372_036_854L ? SampleWriter.NO_TIME : millis * 1_000_000;
    } else {
      time = times.of(values, timeSlot);
    }
    if (time == SampleWriter.NO_TIME) {
      return timeAt
          + ": expected a time between 1678 and 2262, got "
          + (recordTime || values.kinds[timeSlot] != Kind.ABSENT ? "another value" : "none");
    }
    writer.begin(time);
    for (int i = 0; i < slots.length; i++) {
      put(i, slots[i], Json.status(values, statusSlots[i], statuses));
    }
    return null;
  }

  private void put(int field, int slot, int status) {
    Kind kind = values.kinds[slot];
    switch (kind) {
      case ABSENT, NULL -> {
        writer.missing(field, Quality.isBad(status) ? status : Quality.BAD_NO_DATA);
        return;
      }
      case OTHER -> {
        writer.missing(field, Quality.BAD_TYPE_MISMATCH);
        return;
      }
      default -> {}
    }
    switch (types[field]) {
      case TEXT -> {
        if (kind == Kind.TEXT) {
          writer.setText(field, values.text(slot), status);
        } else {
          writer.missing(field, Quality.BAD_TYPE_MISMATCH);
        }
      }
      case LONG -> {
        if (kind == Kind.LONG) {
          writer.setLong(field, values.longs[slot], status);
        } else {
          writer.missing(field, Quality.BAD_TYPE_MISMATCH);
        }
      }
      case DOUBLE -> {
        if (kind == Kind.LONG) {
          long whole = values.longs[slot];
          boolean exact = whole >= -Json.EXACT && whole <= Json.EXACT;
          writer.set(field, whole, exact ? status : Quality.worst(status, Quality.UNCERTAIN));
        } else if (kind == Kind.TEXT) {
          writer.missing(field, Quality.BAD_TYPE_MISMATCH);
        } else if (Double.isFinite(values.numbers[slot])) {
          writer.set(field, values.numbers[slot], status);
        } else {
          writer.missing(field, Quality.BAD_OUT_OF_RANGE);
        }
      }
    }
  }

  @Override
  public void receivedAt(long nanos) {
    // Frames have the time of the instant only.
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
