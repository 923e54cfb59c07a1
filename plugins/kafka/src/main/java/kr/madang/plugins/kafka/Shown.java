package kr.madang.plugins.kafka;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Payloads as people can read them. */
final class Shown {
  private static final int LONGEST = 4096;

  private Shown() {}

  /** As text if it is one, else in hexadecimal; the beginning of a long one. */
  static String of(byte @Nullable [] bytes) {
    if (bytes == null) {
      return "";
    }
    if (bytes.length <= LONGEST) {
      try {
        return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      } catch (CharacterCodingException e) {
        // Shown below.
      }
    }
    return "0x" + HexFormat.of().formatHex(bytes, 0, Math.min(bytes.length, 512));
  }
}
