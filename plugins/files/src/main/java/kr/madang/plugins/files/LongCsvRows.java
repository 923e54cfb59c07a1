package kr.madang.plugins.files;

import java.time.InstantSource;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import kr.madang.plugins.files.SourceConfig.ValueType;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/** Makes samples. */
final class LongCsvRows extends CsvRows {
  private static final int TAG = 0;
  private static final int VALUE = 1;
  private static final int STATUS = 2;
  private static final int UNIT = 3;
  private static final int LONG = 4;
  private static final int TEXT = 5;
  private static final int BYTES = 6;
  private static final int RECEIVED = 7;

  private final LongPlan plan;
  private final ValueType type;
  private final InstantSource clock;
  private final SampleWriter writer;
  private final TagCache tags;
  private final Map<Integer, String> units = new HashMap<>();
  private final TimeParser receiveTimes;
  private long batchTime;

  // The record at hand
  private int tag;
  private ValueType kind;
  private boolean set;
  private double number;
  private long integer;
  private String text = "";
  private byte @Nullable [] bytes;
  private int status;
  private long received;
  private @Nullable String unit;

  LongCsvRows(SourceConfig config, LongPlan plan, BufferAllocator allocator, InstantSource clock) {
    super(config);
    this.plan = plan;
    this.clock = clock;
    type = config.samples().type();
    kind = type;
    receiveTimes = TimeParser.of("iso", Optional.empty());
    writer = new SampleWriter(allocator);
    tags = new TagCache(writer);
  }

  @Override
  int role(String column) {
    if (column.equals(plan.timeColumn())) {
      return TIME;
    }
    if (column.equals(plan.tag())) {
      return TAG;
    }
    if (column.equals(plan.value())) {
      return VALUE;
    }
    if (column.equals(plan.status())) {
      return STATUS;
    }
    if (column.equals(plan.unit())) {
      return UNIT;
    }
    if (!plan.canonical()) {
      return IGNORED;
    }
    return switch (column) {
      case "long" -> LONG;
      case "text" -> TEXT;
      case "bytes" -> BYTES;
      case "receiveTime" -> RECEIVED;
      default -> IGNORED;
    };
  }

  @Override
  boolean timeIsOptional() {
    return plan.canonical();
  }

  @Override
  void block(Rejects rejects) {
    super.block(rejects);
    batchTime = Nanos.of(clock.instant());
  }

  @Override
  void begin() {
    tag = -1;
    set = false;
    bytes = null;
    status = Quality.GOOD;
    received = batchTime;
    unit = null;
  }

  @Override
  void cell(int role, int column, char[] cell, int from, int length, boolean quoted) {
    switch (role) {
      case TAG -> {
        tag = tags.tag(cell, from, length);
        if (tag < 0) {
          fail(
              column,
              "the name of a tag, 1 to 255 bytes without control characters",
              cell,
              from,
              length);
        }
      }
      case STATUS -> status = status(column, cell, from, length);
      case UNIT -> unit = new String(cell, from, length);
      case VALUE -> value(column, cell, from, length, quoted);
      case LONG -> {
        if (length > 0) {
          kind = ValueType.LONG;
          set = true;
          integer = numbers.parseLong(cell, from, length);
          if (numbers.failed()) {
            fail(column, "a 64-bit integer", cell, from, length);
          }
        }
      }
      case TEXT -> {
        if (length > 0 || quoted) {
          kind = ValueType.TEXT;
          set = true;
          text = new String(cell, from, length);
        }
      }
      case BYTES -> {
        if (length > 0 || quoted) {
          bytes(column, cell, from, length);
        }
      }
      case RECEIVED -> {
        received = receiveTimes.parse(cell, from, length);
        if (received == TimeParser.BAD) {
          fail(column, receiveTimes.problem(), cell, from, length);
        }
      }
      default -> throw new IllegalStateException("role " + role);
    }
  }

  private void value(int column, char[] cell, int from, int length, boolean quoted) {
    boolean textual = type == ValueType.TEXT || type == ValueType.AUTO;
    if (!(quoted && textual) && missing.matches(cell, from, length)) {
      return;
    }
    set = true;
    kind = type;
    if (type == ValueType.LONG) {
      integer = numbers.parseLong(cell, from, length);
      if (numbers.failed()) {
        fail(column, "a 64-bit integer", cell, from, length);
      }
      return;
    }
    if (type != ValueType.TEXT) {
      number = numbers.parseDouble(cell, from, length);
      kind = ValueType.DOUBLE;
      if (!numbers.failed()) {
        set = !Double.isNaN(number);
        return;
      }
      if (type == ValueType.DOUBLE) {
        fail(column, "a number", cell, from, length);
        return;
      }
    }
    kind = ValueType.TEXT;
    text = new String(cell, from, length);
  }

  private void bytes(int column, char[] cell, int from, int length) {
    try {
      bytes = Base64.getDecoder().decode(new String(cell, from, length));
    } catch (IllegalArgumentException e) {
      fail(column, "bytes in base 64", cell, from, length);
    }
  }

  @Override
  void end(long time) {
    if (unit != null) {
      String before = units.putIfAbsent(tag, unit);
      if (before != null && !before.equals(unit)) {
        reject(
            plan.unit() + ": expected the unit '" + before + "' of this tag, got '" + unit + "'");
        return;
      }
    }
    writer.receivedAt(received);
    byte[] binary = bytes;
    if (binary != null) {
      writer.putBytes(tag, binary, status, time);
    } else if (!set) {
      writer.bad(tag, Quality.isBad(status) ? status : Quality.BAD_NO_DATA, time);
    } else {
      switch (kind) {
        case DOUBLE, AUTO -> writer.put(tag, number, status, time);
        case LONG -> writer.putLong(tag, integer, status, time);
        case TEXT -> writer.putText(tag, text, status, time);
      }
    }
  }

  @Override
  int rows() {
    return writer.rows();
  }

  @Override
  Batch take() {
    return writer.take();
  }

  @Override
  public void close() {
    writer.close();
  }
}
