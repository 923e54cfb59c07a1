package kr.madang.plugins.files;

import java.io.Closeable;
import java.io.IOException;
import kr.madang.sdk.source.SourceContext;
import org.jspecify.annotations.Nullable;

/** Opens files of one source; the writers of rows are shared by all of them. */
final class Opener implements Closeable {
  private final SourceConfig config;
  private final RowPlan plan;
  private final SourceContext context;
  private @Nullable CsvRows rows;
  private @Nullable Mapper mapper;

  Opener(SourceConfig config, RowPlan plan, SourceContext context) {
    this.config = config;
    this.plan = plan;
    this.context = context;
  }

  /**
   * Opens a file where it was left.
   *
   * @return null if it is a CSV file without a whole header
   */
  @Nullable OpenFile open(FoundFile file, Progress progress, boolean whole) throws IOException {
    FileFormat format = config.format().of(file.path());
    if (format == FileFormat.CSV) {
      return CsvFile.open(file, config, plan, rows(), progress, whole, context);
    }
    return ColumnarFile.open(file, format, config, plan, mapper(), progress, context);
  }

  FileFormat format(FoundFile file) throws IOException {
    return config.format().of(file.path());
  }

  private CsvRows rows() {
    CsvRows known = rows;
    if (known == null) {
      known =
          switch (plan) {
            case WidePlan wide -> new WideCsvRows(config, wide, context.allocator());
            case LongPlan samples ->
                new LongCsvRows(config, samples, context.allocator(), context.clock());
          };
      rows = known;
    }
    return known;
  }

  private Mapper mapper() {
    Mapper known = mapper;
    if (known == null) {
      known =
          switch (plan) {
            case WidePlan wide -> new WideMapper(config, wide, context.allocator());
            case LongPlan samples ->
                new LongMapper(config, samples, context.allocator(), context.clock());
          };
      mapper = known;
    }
    return known;
  }

  @Override
  public void close() throws IOException {
    if (rows != null) {
      rows.close();
    }
  }
}
