package kr.madang.plugins.opcua;

import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import org.jspecify.annotations.Nullable;

/** Turns data values of the wire into rows; a number costs no object. One thread at a time. */
final class Values {
  /** OPC 10000-4: the index range lies outside of the array. */
  static final int BAD_INDEX_RANGE_NO_DATA = 0x8037_0000;

  private static final int INFO = 0xFFFF;
  private static final int DATA_VALUE = 0x0400;
  private static final int INFO_TYPE = 0x0C00;
  private static final int OVERFLOW = 0x0080;
  private static final long EXACT = 1L << 53;

  private final Oddities odd;

  Values(Oddities odd) {
    this.odd = odd;
  }

  /** Whether samples were thrown away at the server before this one. */
  static boolean overflow(int status) {
    return (status & INFO_TYPE) == DATA_VALUE && (status & OVERFLOW) != 0;
  }

  /**
   * Reads one data value (OPC 10000-6 §5.2.2.17) and writes its rows.
   *
   * @param live whether it comes from a subscription and may repeat what filled a gap
   * @return the time of the sample, or {@link SampleWriter#NO_TIME}
   */
  long read(Cursor in, Target target, SampleWriter out, boolean live) {
    int mask = in.u8();
    int at = -1;
    if ((mask & 1) != 0) {
      at = in.position();
      Skip.variant(in, 0);
    }
    int status = (mask & 2) != 0 ? in.i32() : Quality.GOOD;
    long source = (mask & 4) != 0 ? in.i64() : 0;
    int sourcePart = (mask & 0x10) != 0 ? in.i16() & 0xFFFF : 0;
    long server = (mask & 8) != 0 ? in.i64() : 0;
    int serverPart = (mask & 0x20) != 0 ? in.i16() & 0xFFFF : 0;
    long time = SampleWriter.NO_TIME;
    if ((mask & 4) != 0) {
      time = Ticks.nanos(source, sourcePart);
    } else if ((mask & 8) != 0) {
      time = Ticks.nanos(server, serverPart);
    }
    if ((mask & 0x0C) != 0 && time == SampleWriter.NO_TIME) {
      odd.badTime(target);
      if (Quality.isGood(status)) {
        status = Quality.UNCERTAIN | status & INFO;
      }
    } else if (time != SampleWriter.NO_TIME) {
      odd.time(target, time);
    }
    if (overflow(status)) {
      odd.overflow(target);
    }
    if (live && target.known(status, time)) {
      return time;
    }
    if (Quality.isBad(status) || at < 0) {
      target.bad(Quality.isBad(status) ? status : Quality.BAD_NO_DATA, time, out);
      return time;
    }
    int end = in.position();
    in.position(at);
    variant(in, in.u8(), target, status, time, out);
    in.position(end);
    return time;
  }

  private void variant(
      Cursor in, int head, Target target, int status, long time, SampleWriter out) {
    int type = head & 0x3F;
    if (type == 0) {
      target.bad(Quality.BAD_NO_DATA, time, out);
      return;
    }
    boolean array = (head & 0x80) != 0;
    boolean window = target.width() > 1;
    if (target.builtIn() != 0
        && target.builtIn() != Types.ANY
        && type != target.builtIn()
        // The spec lets an array of bytes and a byte string stand for one another.
        && !(type == 15 && target.builtIn() == 3 || array && type == 3 && target.builtIn() == 15)) {
      odd.mismatch(target, "type " + target.builtIn(), "type " + type);
      target.bad(Quality.BAD_TYPE_MISMATCH, time, out);
    } else if (!array) {
      if (window) {
        odd.mismatch(target, "an array", "a single value");
        target.bad(Quality.BAD_TYPE_MISMATCH, time, out);
      } else {
        leaf(in, type, target, 0, status, time, out);
      }
    } else if (target.range().isEmpty() && type == 3) {
      blob(in, target, status, time, out);
    } else if (target.range().isEmpty()) {
      odd.mismatch(target, "a single value (name a range for an array)", "an array");
      target.bad(Quality.BAD_TYPE_MISMATCH, time, out);
    } else {
      int length = in.length(1);
      for (int i = 0; i < target.width(); i++) {
        if (i < length) {
          leaf(in, type, target, i, status, time, out);
        } else {
          out.bad(target.number(i), BAD_INDEX_RANGE_NO_DATA, time);
        }
      }
    }
  }

  private static void blob(Cursor in, Target target, int status, long time, SampleWriter out) {
    byte[] bytes = in.blob();
    if (bytes == null) {
      out.bad(target.number(0), Quality.BAD_NO_DATA, time);
    } else {
      out.putBytes(target.number(0), bytes, status, time);
    }
  }

  /** One value of a built-in type; leaves the cursor behind it. */
  private void leaf(
      Cursor in, int type, Target target, int index, int status, long time, SampleWriter out) {
    int tag = target.number(index);
    switch (type) {
      case 1 -> out.put(tag, in.u8() == 0 ? 0 : 1, status, time);
      case 2 -> whole((byte) in.u8(), target, tag, status, time, out);
      case 3 -> whole(in.u8(), target, tag, status, time, out);
      case 4 -> whole(in.i16(), target, tag, status, time, out);
      case 5 -> whole(in.i16() & 0xFFFF, target, tag, status, time, out);
      case 6 -> whole(in.i32(), target, tag, status, time, out);
      case 7, 19 -> whole(in.i32() & 0xFFFF_FFFFL, target, tag, status, time, out);
      case 8 -> whole(in.i64(), target, tag, status, time, out);
      case 9 -> {
        long value = in.i64();
        if (value < 0) {
          out.bad(tag, Quality.BAD_OUT_OF_RANGE, time);
        } else {
          whole(value, target, tag, status, time, out);
        }
      }
      case 10 -> real(in.f32(), tag, status, time, out);
      case 11 -> real(in.f64(), tag, status, time, out);
      case 13 -> {
        long nanos = Ticks.nanos(in.i64(), 0);
        if (nanos == SampleWriter.NO_TIME) {
          out.bad(tag, Quality.BAD_OUT_OF_RANGE, time);
        } else {
          out.putLong(tag, nanos, status, time);
        }
      }
      case 15 -> blobLeaf(in.blob(), tag, status, time, out);
      case 12, 16 -> text(in.text(), tag, status, time, out);
      case 14 -> text(in.guid(), tag, status, time, out);
      case 17 -> text(in.nodeId(false), tag, status, time, out);
      case 18 -> text(in.nodeId(true), tag, status, time, out);
      case 20 -> text(in.qualifiedName(), tag, status, time, out);
      case 21 -> text(in.localizedText(), tag, status, time, out);
      case 22 -> structure(in, target, index, status, time, out);
      case 24 -> {
        int from = in.position();
        Skip.variant(in, 1);
        int end = in.position();
        in.position(from);
        nested(in, in.u8(), target, index, status, time, out);
        in.position(end);
      }
      default -> {
        Skip.one(in, type, 0);
        odd.mismatch(target, "a value that can be carried", "built-in type " + type);
        out.bad(tag, Quality.BAD_TYPE_MISMATCH, time);
      }
    }
  }

  private void nested(
      Cursor in, int head, Target target, int index, int status, long time, SampleWriter out) {
    int type = head & 0x3F;
    if ((head & 0x80) != 0 || type == 0 || type == 24) {
      out.bad(
          target.number(index), type == 0 ? Quality.BAD_NO_DATA : Quality.BAD_TYPE_MISMATCH, time);
    } else {
      leaf(in, type, target, index, status, time, out);
    }
  }

  private void structure(
      Cursor in, Target target, int index, int status, long time, SampleWriter out) {
    int from = in.position();
    Skip.one(in, Types.STRUCTURE, 0);
    int end = in.position();
    int tag = target.number(index);
    Shape shape = target.shape();
    if (shape == null || target.path().isEmpty()) {
      odd.mismatch(target, "a single value (name a field of a structure)", "a structure");
      out.bad(tag, Quality.BAD_TYPE_MISMATCH, time);
      return;
    }
    in.position(from);
    String encoding = in.nodeId(false);
    int form = in.u8();
    if (form == 0) {
      out.bad(tag, Quality.BAD_NO_DATA, time);
    } else if (form != 1 || !shape.encoding().isEmpty() && !encoding.equals(shape.encoding())) {
      odd.mismatch(target, "a structure encoded as " + shape.encoding(), encoding);
      out.bad(tag, Quality.BAD_TYPE_MISMATCH, time);
    } else {
      in.skip(4);
      if (shape.seek(in, target.path().get())) {
        leaf(in, shape.at(target.path().get()).builtIn(), target, index, status, time, out);
      } else {
        out.bad(tag, Quality.BAD_NO_DATA, time);
      }
    }
    in.position(end);
  }

  private static void whole(
      long value, Target target, int tag, int status, long time, SampleWriter out) {
    if (target.asText()) {
      out.putText(tag, target.name(value), status, time);
    } else if (value <= EXACT && value >= -EXACT) {
      out.put(tag, value, status, time);
    } else {
      out.putLong(tag, value, status, time);
    }
  }

  private static void real(double value, int tag, int status, long time, SampleWriter out) {
    if (Double.isFinite(value)) {
      out.put(tag, value, status, time);
    } else {
      out.bad(tag, Quality.BAD_OUT_OF_RANGE, time);
    }
  }

  private static void text(
      @Nullable String value, int tag, int status, long time, SampleWriter out) {
    if (value == null) {
      out.bad(tag, Quality.BAD_NO_DATA, time);
    } else {
      out.putText(tag, value, status, time);
    }
  }

  private static void blobLeaf(
      byte @Nullable [] value, int tag, int status, long time, SampleWriter out) {
    if (value == null) {
      out.bad(tag, Quality.BAD_NO_DATA, time);
    } else {
      out.putBytes(tag, value, status, time);
    }
  }
}
