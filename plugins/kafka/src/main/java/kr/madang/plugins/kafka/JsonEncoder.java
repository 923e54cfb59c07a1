package kr.madang.plugins.kafka;

import java.nio.charset.StandardCharsets;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** A record for each row. */
final class JsonEncoder implements Encoder {
  private final JsonColumns columns;
  private final JsonRow row = new JsonRow();
  private final int key;

  JsonEncoder(SinkConfig config, Schema schema) {
    columns = new JsonColumns(schema);
    key = key(config, schema);
  }

  /** The number of the column that is the key, or -1. */
  static int key(SinkConfig config, Schema schema) {
    return switch (config.key()) {
      case "none" -> -1;
      case "auto" -> Samples.matches(schema) ? 0 : -1;
      default -> {
        for (int i = 0; i < schema.getFields().size(); i++) {
          if (schema.getFields().get(i).getName().equals(config.key())) {
            yield i;
          }
        }
        throw new PluginException(
            ErrorCode.SCHEMA_MISFIT,
            "key: expected auto, none or a field of this stream, got '" + config.key() + "'");
      }
    };
  }

  @Override
  public void encode(Batch batch, int from, Output out) {
    columns.bind(batch);
    for (int i = from; i < batch.rows(); i++) {
      row.clear();
      columns.write(i, row);
      out.record(key < 0 ? null : keyOf(i), row.copy(), i, 1);
    }
  }

  private byte @Nullable [] keyOf(int at) {
    FieldVector from = columns.column(key);
    if (from.isNull(at)) {
      return null;
    }
    return from.getField().getDictionary() != null
        ? columns.word(key, at)
        : String.valueOf(from.getObject(at)).getBytes(StandardCharsets.UTF_8);
  }
}
