package kr.madang.plugins.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import kr.madang.plugins.files.ColumnInfo.Kind;
import kr.madang.plugins.files.SourceConfig.Layout;
import kr.madang.plugins.files.SourceConfig.Type;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.memory.RootAllocator;
import org.jspecify.annotations.Nullable;

/** Looks at the first files to find what their columns are. */
final class Survey {
  private static final int SAMPLE = 1000;
  private static final int FILES = 20;

  /** One cell in so many may be something else than a number in a column of numbers. */
  private static final int TOLERATED = 10;

  private Survey() {}

  /** What the rows of these files become. */
  static RowPlan plan(SourceConfig config, FileList list) throws IOException {
    CsvFormat.of(config);
    TimeParser.of(config.time().format(), config.time().zone());
    List<FoundFile> files = list.list();
    if (files.isEmpty() && !config.follow()) {
      throw new PluginException(
          ErrorCode.NOT_FOUND,
          "path: expected a file, a folder with files or a glob that matches some, found nothing at"
              + " '"
              + config.path()
              + "'; correct the path, put the file there or say follow: true");
    }
    Columns best = null;
    for (FoundFile file : files.subList(0, Math.min(FILES, files.size()))) {
      Columns columns = columns(config, file);
      if (columns != null && (best == null || columns.hasRows())) {
        best = columns;
        if (columns.hasRows()) {
          break;
        }
      }
    }
    if (best != null) {
      RowPlan plan = RowPlan.of(config, best.where(), best.columns());
      checkTime(config, plan, best);
      return plan;
    }
    if (!config.columns().isEmpty() || config.layout() == Layout.LONG) {
      return RowPlan.of(config, "config", stated(config));
    }
    throw new PluginException(
        files.isEmpty() || config.follow() ? ErrorCode.NOT_FOUND : ErrorCode.BAD_DATA,
        (files.isEmpty() ? config.path() : files.get(0).path())
            + ": expected a header that names the columns, got "
            + (files.isEmpty() ? "no file yet" : "an empty file")
            + "; state them by columns: { NAME: {} }");
  }

  /**
   * The columns of a file.
   *
   * @param sample the first rows of a CSV file
   */
  private record Columns(
      String where, List<ColumnInfo> columns, boolean hasRows, List<List<String>> sample) {}

  private static @Nullable Columns columns(SourceConfig config, FoundFile file) throws IOException {
    String where = file.path().toString();
    FileFormat format = config.format().of(file.path());
    if (format == FileFormat.CSV) {
      try (FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.READ)) {
        CsvFormat csv = CsvFormat.of(config);
        CsvHead head = CsvHead.read(file.path(), channel, config, csv, SAMPLE, !config.follow());
        if (head == null) {
          return null;
        }
        return new Columns(where, infer(config, head), !head.sample().isEmpty(), head.sample());
      }
    }
    try (RootAllocator allocator = new RootAllocator(256L << 20);
        Blocks blocks = ColumnarFile.blocks(file.path(), format, List.of(), allocator)) {
      return new Columns(where, blocks.columns(), true, List.of());
    } catch (IOException | RuntimeException e) {
      if (config.follow()) {
        return null; // it may be unfinished; it is looked at again when it is read
      }
      throw Failures.unreadable(file.path(), format, e);
    }
  }

  private static List<ColumnInfo> infer(SourceConfig config, CsvHead head) {
    NumberParser numbers = new NumberParser(CsvFormat.one("decimal", config.decimal()));
    Missing missing = new Missing(config.missing());
    List<ColumnInfo> columns = new ArrayList<>();
    for (int i = 0; i < head.names().size(); i++) {
      int cells = 0;
      int others = 0;
      for (List<String> row : head.sample()) {
        if (row.size() != head.names().size()) {
          continue;
        }
        String cell = row.get(i).strip();
        if (!missing.matches(cell)) {
          cells++;
          numbers.parseDouble(cell.toCharArray(), 0, cell.length());
          if (numbers.failed()) {
            others++;
          }
        }
      }
      // A corrupt cell among many numbers is rejected with its row; it makes no column of texts.
      Kind kind = others * TOLERATED > cells ? Kind.TEXT : Kind.NUMBER;
      columns.add(new ColumnInfo(head.names().get(i), kind, null));
    }
    return columns;
  }

  private static void checkTime(SourceConfig config, RowPlan plan, Columns found) {
    ColumnInfo column =
        RowPlan.find(found.where(), "time.column", plan.timeColumn(), found.columns());
    if (column.field() != null) {
      TimeCells.check(config, found.where(), column);
      return;
    }
    int index = found.columns().indexOf(column);
    TimeParser parser = TimeParser.of(config.time().format(), config.time().zone());
    String cell = "";
    int failed = 0;
    for (List<String> row : found.sample()) {
      if (row.size() == found.columns().size() && !row.get(index).isBlank()) {
        cell = row.get(index).strip();
        if (parser.parse(cell.toCharArray(), 0, cell.length()) != TimeParser.BAD) {
          return;
        }
        failed++;
      }
    }
    if (failed > 0) {
      boolean zone = parser.problem().equals(TimeParser.NO_ZONE);
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          found.where()
              + ": column '"
              + column.name()
              + "': expected "
              + parser.problem()
              + ", got '"
              + cell
              + "'; "
              + (zone
                  ? "say where it was recorded, for example time: { zone: Asia/Seoul }"
                  : "state time.format or another time.column"));
    }
  }

  /** What the config itself says of columns, for a file that is not there yet. */
  private static List<ColumnInfo> stated(SourceConfig config) {
    List<ColumnInfo> columns = new ArrayList<>();
    Set<String> more = new LinkedHashSet<>();
    more.add(config.time().column().orElse(Frames.TIME));
    config
        .columns()
        .forEach((name, column) -> {
          boolean text = column.type().orElse(Type.DOUBLE) == Type.TEXT;
          columns.add(new ColumnInfo(name, text ? Kind.TEXT : Kind.NUMBER, null));
          column.status().ifPresent(more::add);
        });
    if (config.layout() == Layout.LONG) {
      more.add(config.samples().tag());
      more.add(config.samples().value());
      config.samples().status().ifPresent(more::add);
      config.samples().unit().ifPresent(more::add);
    }
    for (String name : more) {
      if (columns.stream().noneMatch(column -> column.name().equals(name))) {
        columns.add(new ColumnInfo(name, Kind.NUMBER, null));
      }
    }
    return columns;
  }
}
