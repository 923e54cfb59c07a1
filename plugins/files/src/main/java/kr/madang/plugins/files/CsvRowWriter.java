package kr.madang.plugins.files;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** Writes CSV as RFC 4180 has it, in UTF-8 with a header. */
final class CsvRowWriter implements RowWriter {
  private static final int BLOCK = 1 << 16;

  private final SyncedFile file;
  private final char separator;
  private final StringBuilder text = new StringBuilder();
  private final CsvCells cells;

  CsvRowWriter(SinkConfig config, Schema schema, SyncedFile file) throws IOException {
    this.file = file;
    separator = CsvFormat.one("separator", config.separator());
    cells = new CsvCells(text, separator, CsvFormat.one("decimal", config.decimal()));
    boolean first = true;
    for (Field field : schema.getFields()) {
      if (!first) {
        text.append(separator);
      }
      first = false;
      cells.quoted(field.getName());
    }
    endRow();
  }

  static void check(SinkConfig config) {
    if (CsvFormat.one("separator", config.separator())
        == CsvFormat.one("decimal", config.decimal())) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "decimal: expected another character than the separator, got '"
              + config.decimal()
              + "' for both");
    }
  }

  @Override
  public void write(Batch batch, int from, int count) throws IOException {
    List<FieldVector> vectors = batch.root().getFieldVectors();
    for (int row = from; row < from + count; row++) {
      for (int column = 0; column < vectors.size(); column++) {
        if (column > 0) {
          text.append(separator);
        }
        cells.append(vectors.get(column), batch.dictionaries(), row);
      }
      endRow();
    }
  }

  private void endRow() throws IOException {
    text.append('\n');
    if (text.length() > BLOCK) {
      flush();
    }
  }

  private void flush() throws IOException {
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    file.write(bytes, 0, bytes.length);
    text.setLength(0);
  }

  @Override
  public long size() {
    return file.count() + text.length();
  }

  @Override
  public void finish(long last) throws IOException {
    flush();
  }

  @Override
  public void release() {}
}
