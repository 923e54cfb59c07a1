package kr.madang.plugins.mqtt;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import org.jspecify.annotations.Nullable;

/** The whole payload is one value. */
final class RawDecoder implements Decoder {
  private static final int LONGEST_NUMBER = 64;

  private final ValueType type;
  private final Tags tags;

  RawDecoder(ValueType type, Tags tags) {
    this.type = type;
    this.tags = tags;
  }

  @Override
  public void decode(Route route, byte[] payload, Readings out) throws Misfit {
    int tag = route.tag(0, tags);
    switch (type) {
      case BYTES -> out.bytes(tag, payload, Quality.GOOD, SampleWriter.NO_TIME);
      case TEXT -> {
        String text = text(payload);
        if (text == null) {
          throw new Misfit("payload", "UTF-8 text", Shown.payload(payload));
        }
        out.text(tag, text, Quality.GOOD, SampleWriter.NO_TIME);
      }
      case NUMBER -> {
        if (!number(tag, payload, out)) {
          throw new Misfit("payload", "a number", "'" + Shown.payload(payload) + "'");
        }
      }
      case AUTO -> {
        if (!number(tag, payload, out)) {
          String text = text(payload);
          if (text == null) {
            out.bytes(tag, payload, Quality.GOOD, SampleWriter.NO_TIME);
          } else {
            out.text(tag, text, Quality.GOOD, SampleWriter.NO_TIME);
          }
        }
      }
    }
  }

  private static boolean number(int tag, byte[] payload, Readings out) {
    if (payload.length == 0) {
      out.missing(tag, Quality.BAD_NO_DATA, SampleWriter.NO_TIME);
      return true;
    }
    if (payload.length > LONGEST_NUMBER) {
      return false;
    }
    Double value = Numbers.parse(new String(payload, StandardCharsets.ISO_8859_1));
    if (value == null) {
      return false;
    }
    out.number(tag, value, Quality.GOOD, SampleWriter.NO_TIME);
    return true;
  }

  private static @Nullable String text(byte[] payload) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(payload)).toString();
    } catch (CharacterCodingException _) {
      return null;
    }
  }
}
