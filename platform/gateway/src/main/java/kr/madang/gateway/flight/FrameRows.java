package kr.madang.gateway.flight;

import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import kr.madang.gateway.arrow.Column;
import kr.madang.gateway.arrow.TableSchema;
import kr.madang.gateway.oip.Refusal;
import kr.madang.gateway.oip.Status;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** Frames: {@code time}, the fields of the source, and what is known of their status. */
final class FrameRows implements RowShape {
  private static final List<String> STATUS = List.of("uint32");

  private final List<Field> fields;
  private final CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();

  FrameRows(TableSchema schema, Schema frames) {
    fields = Frames.fields(frames);
    Map<String, List<String>> known = new LinkedHashMap<>();
    List<String> needed = new ArrayList<>();
    known.put(Frames.TIME, List.of("timestamp[ns, UTC]"));
    needed.add(Frames.TIME);
    for (Field field : fields) {
      known.put(field.getName(), types(field));
      known.put(Frames.status(field.getName()), STATUS);
      needed.add(field.getName());
    }
    RowShape.check(schema, known, needed);
  }

  private static List<String> types(Field field) {
    return switch (field.getType()) {
      case ArrowType.FloatingPoint _ -> List.of("float64", "float32");
      case ArrowType.Int _ -> List.of("int64", "int32");
      default -> List.of("string");
    };
  }

  @Override
  public void write(Map<String, Column> columns, int rows, SampleWriter out) {
    throw new IllegalStateException("frames are no samples");
  }

  @Override
  public void write(Map<String, Column> columns, int rows, FrameWriter out) {
    Column time = Objects.requireNonNull(columns.get(Frames.TIME));
    for (int row = 0; row < rows; row++) {
      if (time.isNull(row)) {
        throw RowShape.missing(Frames.TIME, row);
      }
      out.begin(time.whole(row));
      for (int i = 0; i < fields.size(); i++) {
        field(columns, i, row, out);
      }
    }
  }

  private void field(Map<String, Column> columns, int number, int row, FrameWriter out) {
    Field field = fields.get(number);
    String name = field.getName();
    Column value = Objects.requireNonNull(columns.get(name));
    @Nullable Column status = columns.get(Frames.status(name));
    boolean there = !value.isNull(row);
    int code =
        status != null && !status.isNull(row)
            ? (int) status.whole(row)
            : there ? Quality.GOOD : Quality.BAD_NO_DATA;
    if (!there) {
      if (Quality.isGood(code)) {
        throw new Refusal(
            Status.INVALID,
            "column '%s': row %d: expected a value with the status Good, got null"
                .formatted(name, row));
      }
      out.missing(number, code);
      return;
    }
    switch (field.getType()) {
      case ArrowType.FloatingPoint _ -> out.set(number, value.real(row), code);
      case ArrowType.Int _ -> out.setLong(number, value.whole(row), code);
      default -> out.setText(number, SampleRows.text(utf8, value, row, name), code);
    }
  }
}
