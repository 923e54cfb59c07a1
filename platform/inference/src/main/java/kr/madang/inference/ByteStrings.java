package kr.madang.inference;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** Texts as bytes: each is its length, 4 bytes little endian, and UTF-8. */
final class ByteStrings {
  private ByteStrings() {}

  static String[] read(ByteBuffer data, long count, String where) {
    ByteBuffer bytes = data.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    if (count > bytes.remaining() / 4) {
      throw overrun(where, count, 0);
    }
    String[] texts = new String[(int) count];
    for (int i = 0; i < texts.length; i++) {
      int length = bytes.remaining() < 4 ? -1 : bytes.getInt();
      if (length < 0 || length > bytes.remaining()) {
        throw overrun(where, count, i);
      }
      texts[i] = text(bytes.slice(bytes.position(), length), where, i);
      bytes.position(bytes.position() + length);
    }
    if (bytes.hasRemaining()) {
      throw new PluginException(
          ErrorCode.SCHEMA_MISFIT,
          "%s: %d bytes are left after the %d elements of the shape"
              .formatted(where, bytes.remaining(), count));
    }
    return texts;
  }

  private static String text(ByteBuffer utf8, String where, int at) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(utf8).toString();
    } catch (CharacterCodingException e) {
      throw new PluginException(
          ErrorCode.SCHEMA_MISFIT,
          "%s: element %d is not UTF-8, and models take texts only; send other bytes as uint8"
              .formatted(where, at),
          e);
    }
  }

  private static PluginException overrun(String where, long count, int at) {
    return new PluginException(
        ErrorCode.SCHEMA_MISFIT,
        "%s: the data end before element %d of %d; expected 4 bytes of length and the text for each"
            .formatted(where, at, count));
  }

  static ByteBuffer write(String[] texts) {
    byte[][] encoded = new byte[texts.length][];
    int size = 0;
    for (int i = 0; i < texts.length; i++) {
      encoded[i] = texts[i].getBytes(StandardCharsets.UTF_8);
      size = Math.addExact(size, 4 + encoded[i].length);
    }
    ByteBuffer data = ByteBuffer.allocateDirect(size).order(ByteOrder.LITTLE_ENDIAN);
    for (byte[] text : encoded) {
      data.putInt(text.length).put(text);
    }
    return data.flip();
  }
}
