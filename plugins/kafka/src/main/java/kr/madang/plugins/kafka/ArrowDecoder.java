package kr.madang.plugins.kafka;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import kr.madang.plugins.kafka.SourceConfig.FieldShape;
import kr.madang.plugins.kafka.SourceConfig.Type;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.TimeStampNanoTZVector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowStreamReader;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;

/**
 * Arrow IPC streams of samples or of frames. Rows are copied one by one, so that nothing that a
 * stranger's buffers claim goes on unread.
 */
final class ArrowDecoder implements Decoder {
  private static final long LITTLE = 1 << 20;

  private final BufferAllocator allocator;
  private final BufferAllocator reading;
  private final Reclaimed reclaimed;
  private final @Nullable SampleWriter samples;
  private final @Nullable Tags tags;
  private final @Nullable FrameWriter frames;
  private final String[] names;
  private final Type[] types;

  ArrowDecoder(SourceConfig config, BufferAllocator allocator) {
    this.allocator = allocator;
    names = config.fields().keySet().toArray(String[]::new);
    types = new Type[names.length];
    int number = 0;
    for (FieldShape field : config.fields().values()) {
      types[number++] = field.type();
    }
    if (config.frames()) {
      frames = new FrameWriter(allocator, JsonFrames.schema(config));
      samples = null;
      tags = null;
    } else {
      frames = null;
      samples = new SampleWriter(allocator);
      tags = new Tags(samples);
    }
    // No more than this for one record, whatever it says of itself.
    reading = allocator.newChildAllocator("kafka", 0, Math.max(16 << 20, 8L * config.maxPayload()));
    reclaimed = new Reclaimed(reading);
  }

  @Override
  public @Nullable String decode(ConsumerRecord<byte[], byte[]> record) {
    try (ArrowStreamReader reader =
        new ArrowStreamReader(new ByteArrayInputStream(record.value()), reclaimed.allocator())) {
      VectorSchemaRoot root = reader.getVectorSchemaRoot();
      while (reader.loadNextBatch()) {
        String why = frames != null ? frames(root, frames) : samples(root, reader);
        if (why != null) {
          return why;
        }
      }
      return null;
    } catch (OutOfMemoryException e) {
      if (allocator.getHeadroom() < LITTLE) {
        throw new PluginException(
            ErrorCode.EXHAUSTED, "rows need more memory than the pipeline has", e);
      }
      return "expected an Arrow stream that fits into memory, got: " + Json.words(e);
    } catch (IOException | RuntimeException e) {
      return "expected a whole Arrow IPC stream, got: " + Json.words(e);
    } finally {
      reclaimed.takeBack();
    }
  }

  private @Nullable String samples(VectorSchemaRoot root, ArrowStreamReader reader) {
    SampleWriter writer = samples;
    Tags known = tags;
    if (writer == null || known == null || !Samples.matches(root.getSchema())) {
      return "expected samples (or fields in the config, for frames), got " + root.getSchema();
    }
    // A view; the reader keeps what it read.
    Samples rows = Samples.of(Batch.of(root, reader, () -> {}));
    BigIntVector longs = (BigIntVector) root.getVector(2);
    for (int row = 0; row < rows.rows(); row++) {
      String name = rows.tagName(rows.tag(row));
      int tag = known.number(name);
      if (tag < 0) {
        return "row " + row + ": tag: " + known.unfit(name);
      }
      int status = rows.status(row);
      long time = rows.hasSourceTime(row) ? rows.time(row) : SampleWriter.NO_TIME;
      String text = rows.text(row);
      byte[] bytes = rows.bytes(row);
      if (rows.hasValue(row)) {
        writer.put(tag, rows.value(row), status, time);
      } else if (!longs.isNull(row)) {
        writer.putLong(tag, longs.get(row), status, time);
      } else if (text != null) {
        writer.putText(tag, text, status, time);
      } else if (bytes != null) {
        writer.putBytes(tag, bytes, status, time);
      } else {
        writer.bad(tag, Quality.isBad(status) ? status : Quality.BAD_NO_DATA, time);
      }
    }
    return null;
  }

  private @Nullable String frames(VectorSchemaRoot root, FrameWriter writer) {
    if (!(root.getVector(Frames.TIME) instanceof TimeStampNanoTZVector times)) {
      return "expected frames with time timestamp[ns, UTC], got " + root.getSchema();
    }
    FieldVector[] values = new FieldVector[names.length];
    @Nullable UInt4Vector[] statuses = new UInt4Vector[names.length];
    for (int i = 0; i < names.length; i++) {
      FieldVector value = root.getVector(names[i]);
      boolean fits =
          switch (types[i]) {
            case DOUBLE -> value instanceof Float8Vector;
            case LONG -> value instanceof BigIntVector;
            case TEXT -> value instanceof VarCharVector;
          };
      if (!fits) {
        return names[i]
            + ": expected "
            + types[i]
            + ", got "
            + (value == null ? "no such column" : value.getField().getType());
      }
      values[i] = value;
      statuses[i] =
          root.getVector(Frames.status(names[i])) instanceof UInt4Vector status ? status : null;
    }
    for (int row = 0; row < root.getRowCount(); row++) {
      if (times.isNull(row)) {
        return "row " + row + ": time: expected a time, got none";
      }
      long time = times.get(row);
      writer.begin(time);
      for (int i = 0; i < names.length; i++) {
        UInt4Vector of = statuses[i];
        int status = of == null ? Quality.GOOD : of.isNull(row) ? Quality.UNCERTAIN : of.get(row);
        FieldVector from = values[i];
        if (from.isNull(row)) {
          writer.missing(i, Quality.isBad(status) ? status : Quality.BAD_NO_DATA);
          continue;
        }
        switch (from) {
          case Float8Vector v -> writer.set(i, v.get(row), status);
          case BigIntVector v -> writer.setLong(i, v.get(row), status);
          case VarCharVector v -> writer.setText(i, v.getObject(row).toString(), status);
          default -> throw new IllegalStateException(names[i]);
        }
      }
    }
    return null;
  }

  @Override
  public void receivedAt(long nanos) {
    if (samples != null) {
      samples.receivedAt(nanos);
    }
  }

  @Override
  public Batch take() {
    if (frames != null) {
      return frames.take();
    }
    if (samples == null) {
      throw new IllegalStateException("no writer");
    }
    return samples.take();
  }

  @Override
  public void close() {
    if (samples != null) {
      samples.close();
    }
    if (frames != null) {
      frames.close();
    }
    reading.close();
  }
}
