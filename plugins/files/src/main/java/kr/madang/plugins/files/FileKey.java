package kr.madang.plugins.files;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * Which rows a finished file holds; it stands in the file's name: {@code
 * part-STREAM-eEPOCH-FIRST-LAST.parquet}.
 */
record FileKey(String prefix, String stream, long epoch, long first, long last) {
  /** The key of the last sequence in a file's own metadata. */
  static final String LAST = "madang.lastSequence";

  private static final Pattern NAME =
      Pattern.compile("(.+)-e(\\d{1,19})-(\\d{1,19})-(\\d{1,19})\\.([a-z]+)");
  private static final int LONGEST = 120;

  /** The name of the file. */
  String fileName(String extension) {
    return "%s-%s-e%d-%012d-%012d.%s"
        .formatted(prefix, safe(stream), epoch, first, last, extension);
  }

  /** What a file's own metadata says when it is begun. */
  Map<String, String> metadata() {
    return Map.of(
        "madang.stream",
        stream,
        "madang.epoch",
        Long.toString(epoch),
        "madang.firstSequence",
        Long.toString(first));
  }

  /** The last sequence in a file of this stream and epoch, or -1 if the file is of another. */
  static long last(String fileName, String prefix, String stream, long epoch, String extension) {
    Matcher matcher = NAME.matcher(fileName);
    if (!matcher.matches()
        || !matcher.group(1).equals(prefix + "-" + safe(stream))
        || !matcher.group(5).equals(extension)
        || !Long.toString(epoch).equals(matcher.group(2))) {
      return -1;
    }
    try {
      return Long.parseLong(matcher.group(4));
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  /** A stream as part of a file name; different streams stay different. */
  static String safe(String stream) {
    String safe = stream.replace('/', '.').replaceAll("[^A-Za-z0-9._-]", "_");
    if (safe.length() > LONGEST) {
      safe = safe.substring(0, LONGEST);
    }
    return safe.equals(stream.replace('/', '.')) && stream.indexOf('.') < 0
        ? safe
        : safe + "~" + sum(stream);
  }

  /** A short checksum of a text. */
  static String sum(String text) {
    CRC32C sum = new CRC32C();
    sum.update(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    return "%08x".formatted(sum.getValue());
  }
}
