package kr.madang.plugins.files;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * The beginning of a CSV file.
 *
 * @param dataOffset the byte at which the first row begins
 * @param dataLines the line breaks before the first row
 * @param names of the columns
 * @param sample the first rows
 */
record CsvHead(
    char separator, int dataOffset, int dataLines, List<String> names, List<List<String>> sample) {
  private static final int HEAD = 1 << 20;
  private static final char[] CANDIDATES = {';', '\t', ',', '|'};

  /**
   * Reads the beginning.
   *
   * @param rows how many rows are wanted as a sample
   * @param whole whether the file has been written to its end
   * @return null if there is no whole header yet
   */
  static @Nullable CsvHead read(
      Path path,
      FileChannel channel,
      SourceConfig config,
      CsvFormat format,
      int rows,
      boolean whole)
      throws IOException {
    byte[] head = new byte[(int) Math.min(HEAD, channel.size())];
    int length = fill(channel, head);
    boolean all = whole && length == channel.size();
    int at = bom(path, head, length);
    int lines = 0;
    for (int skipped = 0; skipped < config.skip(); lines++, skipped++) {
      at = nextLine(head, at, length);
      if (at < 0) {
        return null;
      }
    }
    while (at < length && (head[at] == '\n' || head[at] == '\r')) {
      lines += head[at] == '\n' ? 1 : 0;
      at++;
    }
    int firstLine = nextLine(head, at, length);
    int lineEnd = firstLine < 0 ? length : firstLine;
    if (at == length || (firstLine < 0 && !all)) {
      return tooLong(path, length);
    }
    char separator =
        format.separator().isPresent()
            ? format.separator().get()
            : guess(new String(head, at, lineEnd - at, format.charset()), format.decimal());
    RecordScanner scanner = new RecordScanner(separator);
    int found = scanner.scan(head, at, length, rows + 1, all);
    if (found == 0) {
      return tooLong(path, length);
    }
    List<List<String>> records = new ArrayList<>();
    try {
      String text = format.decode(head, at, scanner.end(found - 1));
      try (var reader = CsvFormat.reader(separator).ofCsvRecord(text)) {
        for (CsvRecord record : reader) {
          records.add(record.getFields());
        }
      }
    } catch (CsvParseException e) {
      if (records.isEmpty()) {
        throw new PluginException(
            ErrorCode.BAD_DATA, path + ": expected a header, got a cell with a broken quote", e);
      }
      // a bad row is rejected when its turn comes
    } catch (CharacterCodingException e) {
      throw new PluginException(
          ErrorCode.BAD_DATA,
          path + ": expected text in " + format.charset() + ", got other bytes; state the charset",
          e);
    }
    List<String> first = records.get(0);
    if (!config.header()) {
      List<String> numbers = new ArrayList<>();
      for (int i = 1; i <= first.size(); i++) {
        numbers.add(Integer.toString(i));
      }
      return new CsvHead(separator, at, lines, numbers, records);
    }
    int breaks = found > 1 ? scanner.linesBefore(1) : scanner.lines();
    return new CsvHead(
        separator,
        scanner.end(0),
        lines + breaks,
        names(first),
        records.subList(1, records.size()));
  }

  private static @Nullable CsvHead tooLong(Path path, int length) {
    if (length == HEAD) {
      throw new PluginException(
          ErrorCode.BAD_DATA, path + ": expected a header in the first MiB, got none");
    }
    return null;
  }

  private static int fill(FileChannel channel, byte[] head) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(head);
    while (buffer.hasRemaining() && channel.read(buffer, buffer.position()) > 0) {
      // until the end or the buffer is full
    }
    return buffer.position();
  }

  private static int bom(Path path, byte[] head, int length) {
    if (length >= 3 && head[0] == (byte) 0xEF && head[1] == (byte) 0xBB && head[2] == (byte) 0xBF) {
      return 3;
    }
    if (length >= 2 && (head[0] & 0xFF) >= 0xFE && (head[1] & 0xFF) >= 0xFE) {
      throw new PluginException(
          ErrorCode.BAD_DATA,
          path + ": expected a charset that contains ASCII, got UTF-16; save it as UTF-8");
    }
    return 0;
  }

  private static int nextLine(byte[] text, int from, int to) {
    for (int at = from; at < to; at++) {
      if (text[at] == '\n') {
        return at + 1;
      }
      if (text[at] == '\r' && at + 1 < to) {
        return text[at + 1] == '\n' ? at + 2 : at + 1;
      }
    }
    return -1;
  }

  private static char guess(String line, char decimal) {
    char best = ',';
    int most = 0;
    for (char candidate : CANDIDATES) {
      int count = 0;
      boolean quoted = false;
      for (int i = 0; i < line.length(); i++) {
        quoted ^= line.charAt(i) == '"';
        count += !quoted && line.charAt(i) == candidate ? 1 : 0;
      }
      if (count > most && candidate != decimal) {
        best = candidate;
        most = count;
      }
    }
    return best;
  }

  private static List<String> names(List<String> header) {
    List<String> names = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < header.size(); i++) {
      String name = header.get(i).strip();
      String base = name.isEmpty() ? Integer.toString(i + 1) : name;
      String unique = base;
      for (int n = 2; !seen.add(unique); n++) {
        unique = base + "." + n;
      }
      names.add(unique);
    }
    return names;
  }
}
