package kr.madang.plugins.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.SourceContext;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/** A Parquet or Arrow file that is being read, from any row on. */
final class ColumnarFile implements OpenFile {
  private final Path path;
  private final Blocks blocks;
  private final Mapper mapper;
  private final int batch;
  private final Progress progress;
  private final SourceContext context;
  private long skip;
  private int row;
  private int rows;
  private boolean ended;

  private ColumnarFile(
      Path path,
      Blocks blocks,
      Mapper mapper,
      int batch,
      Progress progress,
      SourceContext context) {
    this.path = path;
    this.blocks = blocks;
    this.mapper = mapper;
    this.batch = batch;
    this.progress = progress;
    this.context = context;
    skip = progress.offset;
  }

  static Blocks blocks(Path path, FileFormat format, List<String> needed, BufferAllocator allocator)
      throws IOException {
    return format == FileFormat.PARQUET
        ? new ParquetBlocks(path, needed, allocator)
        : new ArrowBlocks(path, allocator);
  }

  static ColumnarFile open(
      FoundFile file,
      FileFormat format,
      SourceConfig config,
      RowPlan plan,
      Mapper mapper,
      Progress progress,
      SourceContext context)
      throws IOException {
    try (FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.READ)) {
      if (!progress.recognises(channel)) {
        context.logger().warn("{}: was replaced; it is read from its beginning", file.path());
        progress.restart();
      }
      progress.mark(channel, channel.size());
    }
    Blocks blocks = blocks(file.path(), format, plan.needed(), context.allocator());
    try {
      List<ColumnInfo> columns = blocks.columns();
      for (String needed : plan.needed()) {
        if (columns.stream().noneMatch(column -> column.name().equals(needed))) {
          throw new PluginException(
              ErrorCode.BAD_DATA,
              file.path()
                  + ": expected the column '"
                  + needed
                  + "', got "
                  + columns.stream().map(ColumnInfo::name).toList());
        }
      }
      if (plan instanceof WidePlan) {
        RowPlan same = RowPlan.of(config, file.path().toString(), columns);
        if (!same.schema().equals(plan.schema())) {
          throw new PluginException(
              ErrorCode.BAD_DATA,
              file.path() + ": expected " + plan.schema() + " as the first file, got " + same);
        }
      }
      return new ColumnarFile(file.path(), blocks, mapper, config.batch(), progress, context);
    } catch (IOException | RuntimeException e) {
      blocks.close();
      throw e;
    }
  }

  @Override
  public @Nullable Batch next(boolean whole) throws IOException {
    while (!ended) {
      if (row == rows) {
        ended = !blocks.next();
        row = 0;
        rows = ended ? 0 : blocks.root().getRowCount();
        continue;
      }
      int skipped = (int) Math.min(skip, rows - row);
      skip -= skipped;
      row += skipped;
      int count = Math.min(batch, rows - row);
      if (count > 0) {
        Batch mapped = mapper.map(blocks.root(), blocks.dictionaries(), row, count, this::reject);
        row += count;
        progress.offset += count;
        if (mapped != null) {
          return mapped;
        }
      }
    }
    return null;
  }

  private void reject(int rejected, String why) {
    try {
      VectorSchemaRoot root = blocks.root();
      StringBuilder text = new StringBuilder();
      for (FieldVector vector : root.getFieldVectors()) {
        text.append(text.isEmpty() ? "" : ", ")
            .append(vector.getName())
            .append('=')
            .append(vector.getObject(rejected));
      }
      context.reject(
          text.toString(), path + ": row " + (progress.offset + rejected - row + 1) + ": " + why);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Override
  public boolean atEnd() {
    return ended;
  }

  @Override
  public Progress progress() {
    return progress;
  }

  @Override
  public void close() throws IOException {
    blocks.close();
  }
}
