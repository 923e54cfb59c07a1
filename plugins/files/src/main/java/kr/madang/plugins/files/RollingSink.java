package kr.madang.plugins.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkContext;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows into a hidden file and gives it its name once it is whole and on the disk. The name
 * says which rows it holds, so that rows that come again are recognised.
 */
final class RollingSink implements Sink {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmssSSS").withZone(ZoneOffset.UTC);

  private final SinkConfig config;
  private final Path folder;
  private final Schema schema;
  private final SinkContext context;
  private final Path part;
  private final long rotateBytes;
  private final FileDictionaries dictionaries = new FileDictionaries();

  private String stream = "";
  private long epoch;

  /** Rows up to this sequence are in finished files or in the file at hand. */
  private long written = -1;

  private @Nullable SyncedFile file;
  private @Nullable RowWriter writer;
  private Instant firstRow = Instant.EPOCH;
  private long first;
  private long rows;
  private int unkeyed;
  private boolean failed;
  private boolean told;

  private RollingSink(SinkConfig config, Path folder, Schema schema, SinkContext context) {
    this.config = config;
    this.folder = folder;
    this.schema = schema;
    this.context = context;
    rotateBytes = ByteSize.parse("rotateBytes", config.rotateBytes());
    part =
        folder.resolve(
            "."
                + config.name()
                + "-"
                + FileKey.sum(context.name())
                + "."
                + config.format().extension
                + ".part");
  }

  static RollingSink open(SinkConfig config, Schema schema, SinkContext context) {
    Path folder = config.path();
    RollingSink sink = new RollingSink(config, folder, schema, context);
    try {
      Files.createDirectories(folder);
      if (Files.deleteIfExists(sink.part)) {
        context
            .logger()
            .info("{}: removed what an earlier run did not finish; its rows come again", sink.part);
      }
      new SyncedFile(sink.part).release();
      Files.delete(sink.part);
    } catch (IOException e) {
      throw Failures.unwritable(folder, e);
    }
    return sink;
  }

  @Override
  public void write(Batch batch) throws IOException {
    if (batch.rows() == 0) {
      return;
    }
    checkSchema(batch);
    try {
      if (!batch.stream().equals(stream) || batch.epoch() != epoch) {
        finish();
        stream = batch.stream();
        epoch = batch.epoch();
        written = finishedUpTo();
      }
      int skip = known(batch);
      if (skip == batch.rows()) {
        return;
      }
      RowWriter current = writer;
      if (current != null && !current.accepts(batch)) {
        finish();
        current = null;
      }
      if (current == null) {
        first = batch.sequence() + skip;
        current = begin(batch);
      }
      current.write(batch, skip, batch.rows() - skip);
      rows += batch.rows() - skip;
      written = batch.sequence() + batch.rows() - 1;
      if (current.size() >= rotateBytes) {
        finish();
      } else {
        idle();
      }
    } catch (IOException e) {
      abandon();
      throw Failures.unwritable(folder, e);
    } catch (RuntimeException e) {
      abandon();
      throw e;
    }
  }

  private void checkSchema(Batch batch) {
    Schema got = batch.schema();
    boolean same = got.getFields().size() == schema.getFields().size();
    for (int i = 0; same && i < schema.getFields().size(); i++) {
      Field expected = schema.getFields().get(i);
      Field field = got.getFields().get(i);
      same =
          expected.getName().equals(field.getName()) && expected.getType().equals(field.getType());
    }
    if (!same) {
      throw new PluginException(
          ErrorCode.SCHEMA_MISFIT, "expected rows of " + schema + ", got " + got);
    }
  }

  /** How many of the first rows of a batch are in files already. */
  private int known(Batch batch) {
    if (stream.isEmpty()) {
      return 0; // rows without a key cannot be recognised
    }
    int known = (int) Math.max(0, Math.min(batch.rows(), written - batch.sequence() + 1));
    if (known > 0 && !told) {
      told = true;
      context
          .logger()
          .warn(
              "{}: rows of {} (epoch {}) up to {} are in finished files; they are not written again",
              folder,
              stream,
              epoch,
              written);
    }
    return known;
  }

  private long finishedUpTo() throws IOException {
    long last = -1;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path path : files) {
        last =
            Math.max(
                last,
                FileKey.last(
                    path.getFileName().toString(),
                    config.name(),
                    stream,
                    epoch,
                    config.format().extension));
      }
    } catch (java.nio.file.DirectoryIteratorException e) {
      throw e.getCause();
    }
    return last;
  }

  private RowWriter begin(Batch batch) throws IOException {
    SyncedFile opened = new SyncedFile(part);
    file = opened;
    rows = 0;
    firstRow = context.clock().instant();
    FileKey key = new FileKey(config.name(), stream, epoch, first, first);
    RowWriter begun =
        switch (config.format()) {
          case CSV -> new CsvRowWriter(config, schema, opened);
          case PARQUET -> new ParquetRowWriter(config, schema, opened, key);
          case ARROW ->
              new ArrowRowWriter(config, batch, opened, dictionaries, key, context.allocator());
        };
    writer = begun;
    return begun;
  }

  @Override
  public long held() {
    return writer == null ? 0 : rows;
  }

  @Override
  public void idle() throws IOException {
    if (writer == null) {
      return;
    }
    Duration age = Duration.between(firstRow, context.clock().instant());
    if (age.isNegative()) {
      firstRow = context.clock().instant(); // the clock was set back
    } else if (age.compareTo(config.rotate()) >= 0) {
      finish();
    }
  }

  @Override
  public void finish() throws IOException {
    RowWriter finished = writer;
    SyncedFile done = file;
    if (finished == null || done == null) {
      return;
    }
    try {
      finished.finish(written);
      done.force();
      done.release();
      Files.move(part, folder.resolve(name()), StandardCopyOption.ATOMIC_MOVE);
      try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
        directory.force(true);
      }
      finished.release();
      writer = null;
      file = null;
      rows = 0;
    } catch (IOException e) {
      abandon();
      throw Failures.unwritable(folder, e);
    } catch (RuntimeException e) {
      abandon();
      throw e;
    }
  }

  private String name() {
    String extension = config.format().extension;
    return stream.isEmpty()
        ? "%s-%s-%04d.%s".formatted(config.name(), STAMP.format(firstRow), unkeyed++, extension)
        : new FileKey(config.name(), stream, epoch, first, written).fileName(extension);
  }

  /** After a failure: what is in the hidden file is lost and has to come again. */
  private void abandon() throws IOException {
    failed = true;
    RowWriter lost = writer;
    SyncedFile half = file;
    writer = null;
    file = null;
    if (lost != null) {
      lost.release();
    }
    if (half != null) {
      half.release();
    }
    Files.deleteIfExists(part);
  }

  /** Finishes the file at hand, unless something failed before: its name keeps a replay away. */
  @Override
  public void close() throws IOException {
    if (!failed) {
      finish();
    }
  }
}
