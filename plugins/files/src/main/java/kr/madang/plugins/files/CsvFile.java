package kr.madang.plugins.files;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.SourceContext;
import org.jspecify.annotations.Nullable;

/**
 * A CSV file that is being read, from any record on. Bytes are read in blocks; {@link
 * RecordScanner} finds the whole records in them, the library reads their cells.
 */
final class CsvFile implements OpenFile {
  private static final int BLOCK = 256 << 10;

  /** The longest record; a longer one means a quote that nobody closed. */
  static final int LONGEST = 1 << 20;

  /** How much is read before the caller is asked whether it still wants rows. */
  private static final int PATIENCE = 8 << 20;

  private final Path path;
  private final SourceContext context;
  private final CsvFormat format;
  private final CsvRows rows;
  private final int batch;
  private final Progress progress;
  private final FileChannel channel;
  private final CsvReader.CsvReaderBuilder reader;
  private final RecordScanner scanner;

  private byte[] buffer = new byte[BLOCK];
  private int start;
  private int limit;

  private CsvFile(
      Path path,
      SourceContext context,
      CsvFormat format,
      CsvHead head,
      CsvRows rows,
      int batch,
      Progress progress,
      FileChannel channel) {
    this.path = path;
    this.context = context;
    this.format = format;
    this.rows = rows;
    this.batch = batch;
    this.progress = progress;
    this.channel = channel;
    reader = CsvFormat.reader(head.separator());
    scanner = new RecordScanner(head.separator());
  }

  /**
   * Opens a file where it was left.
   *
   * @return null if there is no whole header yet
   */
  static @Nullable CsvFile open(
      FoundFile file,
      SourceConfig config,
      RowPlan plan,
      CsvRows rows,
      Progress progress,
      boolean whole,
      SourceContext context)
      throws IOException {
    FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.READ);
    try {
      CsvFormat format = CsvFormat.of(config);
      if (channel.size() < progress.offset || !progress.recognises(channel)) {
        context
            .logger()
            .warn("{}: was truncated or replaced; it is read from its beginning", file.path());
        progress.restart();
      }
      CsvHead head = CsvHead.read(file.path(), channel, config, format, 0, whole);
      if (head == null) {
        channel.close();
        return null;
      }
      bind(file.path(), plan, rows, head.names());
      if (progress.offset < head.dataOffset()) {
        progress.offset = head.dataOffset();
        progress.lines = head.dataLines();
      }
      return new CsvFile(
          file.path(), context, format, head, rows, config.batch(), progress, channel);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static void bind(Path path, RowPlan plan, CsvRows rows, List<String> names) {
    for (String needed : plan.needed()) {
      if (!names.contains(needed)) {
        throw new PluginException(
            ErrorCode.BAD_DATA,
            path + ": header: expected the column '" + needed + "', got " + names);
      }
    }
    int[] roles = names.stream().mapToInt(rows::role).toArray();
    rows.columns(names.toArray(String[]::new), roles);
  }

  @Override
  public @Nullable Batch next(boolean whole) throws IOException {
    long before = progress.offset;
    while (rows.rows() < batch && progress.offset - before < PATIENCE) {
      int found = scanner.scan(buffer, start, limit, batch - rows.rows(), false);
      if (found == 0) {
        if (limit - start > LONGEST) {
          rejectLine("expected a quoted cell to end within " + LONGEST + " bytes, got no quote");
          continue;
        }
        if (fill()) {
          continue;
        }
        if (!whole || start == limit) {
          break;
        }
        found = scanner.scan(buffer, start, limit, batch - rows.rows(), true);
        if (found == 0) {
          rejectLine("expected a quoted cell to end, got the end of the file");
          continue;
        }
      }
      read(found);
    }
    progress.mark(channel, progress.offset);
    return rows.rows() == 0 ? null : rows.take();
  }

  @Override
  public boolean atEnd() throws IOException {
    return channel.size() <= progress.offset + (limit - start);
  }

  @Override
  public Progress progress() {
    return progress;
  }

  /** Whether the file got shorter than what was read, or has another beginning. */
  boolean replaced() throws IOException {
    return channel.size() < progress.offset || !progress.recognises(channel);
  }

  /** Bytes that wait for the end of their line. */
  int unfinished() {
    return limit - start;
  }

  private boolean fill() throws IOException {
    if (start > 0) {
      System.arraycopy(buffer, start, buffer, 0, limit - start);
      limit -= start;
      start = 0;
    }
    if (limit == buffer.length) {
      buffer = Arrays.copyOf(buffer, buffer.length * 2);
    }
    int read =
        channel.read(
            ByteBuffer.wrap(buffer, limit, buffer.length - limit), progress.offset + limit);
    limit += Math.max(0, read);
    return read > 0;
  }

  private void read(int found) throws IOException {
    int end = scanner.end(found - 1);
    int lines = scanner.lines();
    String text;
    try {
      text = format.decode(buffer, start, end);
    } catch (CharacterCodingException e) {
      if (found > 1) {
        readSingly(end);
        return;
      }
      reject(0, "expected text in " + format.charset() + ", got other bytes");
      move(end, lines);
      return;
    }
    rows.block(this::reject);
    try (CsvReader<Boolean> records = reader.build(rows, text)) {
      for (Boolean _ : records) {
        // the cells went to the rows
      }
    } catch (CsvParseException e) {
      int bad = rows.records();
      reject(bad, "expected a separator or the end of the line after a quoted cell");
      move(scanner.end(bad), bad + 1 < found ? scanner.linesBefore(bad + 1) : lines);
      return;
    }
    if (rows.records() != found) {
      throw new PluginException(
          ErrorCode.BUG,
          path + ": line " + (progress.lines + 1) + ": read " + rows.records() + " of " + found);
    }
    move(end, lines);
  }

  private void readSingly(int end) throws IOException {
    while (start < end) {
      int _ = scanner.scan(buffer, start, end, 1, true);
      read(1);
    }
  }

  private void move(int end, int lines) {
    progress.offset += end - start;
    progress.lines += lines;
    start = end;
  }

  private void reject(int record, String why) {
    int from = record == 0 ? start : scanner.end(record - 1);
    reject(from, scanner.end(record), progress.lines + 1 + scanner.linesBefore(record), why);
  }

  private void reject(int from, int to, long line, String why) {
    String row = new String(buffer, from, Math.min(4096, to - from), format.charset());
    context.reject(row.stripTrailing(), path + ":" + line + ": " + why);
  }

  /** Gives up a record that does not end and goes on with the next line. */
  private void rejectLine(String why) {
    int end = start;
    while (end < limit && buffer[end] != '\n') {
      end++;
    }
    end = Math.min(end + 1, limit);
    reject(start, end, progress.lines + 1, why);
    move(end, 1);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
