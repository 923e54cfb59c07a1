package kr.madang.inference;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.model.ModelSpec;
import kr.madang.sdk.model.TensorBinding;
import kr.madang.sdk.model.TensorBinding.OnBad;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float2Vector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TimeStampNanoTZVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;
import org.jspecify.annotations.Nullable;

/** Makes specs and frames for tests. */
final class Fixture {
  private final List<Field> fields = new ArrayList<>();
  private final Map<String, @Nullable Object[]> values = new LinkedHashMap<>();
  private final Map<String, int[]> statuses = new LinkedHashMap<>();
  private long[] times = {};

  static ModelSpec spec(List<TensorBinding> inputs, List<TensorBinding> outputs) {
    return new ModelSpec("probe", "1.0.0", inputs, outputs, Map.of(), Optional.empty(), Map.of());
  }

  static ModelSpec spec(String... fields) {
    return spec(List.of(in("x", fields)), List.of());
  }

  static ModelSpec scaled(ModelSpec spec, Map<String, ModelSpec.Scale> scale) {
    return new ModelSpec(
        spec.name(), spec.version(), spec.inputs(), spec.outputs(), scale, spec.golden(), Map.of());
  }

  static TensorBinding in(String tensor, String... fields) {
    return in(OnBad.REJECT, tensor, fields);
  }

  static TensorBinding in(OnBad onBad, String tensor, String... fields) {
    return new TensorBinding(tensor, List.of(fields), List.of(), "", onBad, "", "");
  }

  static TensorBinding out(String tensor, String unit, String... fields) {
    return new TensorBinding(tensor, List.of(fields), List.of(), "", OnBad.REJECT, unit, "");
  }

  static TensorBinding shaped(TensorBinding binding, Long... shape) {
    return new TensorBinding(
        binding.tensor(), binding.fields(), List.of(shape), "", binding.onBad(), "", "");
  }

  static TensorBinding typed(TensorBinding binding, String type) {
    return new TensorBinding(
        binding.tensor(), binding.fields(), List.of(), type, binding.onBad(), "", "");
  }

  /** A float64 field. */
  Fixture doubles(String name, @Nullable Object... cells) {
    return column(name, Frames.DOUBLE, cells);
  }

  /** A field of scalars. */
  Fixture column(String name, ArrowType type, @Nullable Object... cells) {
    fields.add(Frames.field(name, type, "", ""));
    values.put(name, cells);
    return this;
  }

  /** A field of lists; a cell is a {@code List} or null. */
  Fixture lists(String name, ArrowType type, int length, @Nullable Object... cells) {
    fields.add(
        new Field(
            name,
            FieldType.nullable(new ArrowType.FixedSizeList(length)),
            List.of(Field.nullable("item", type))));
    values.put(name, cells);
    return this;
  }

  /** The status of each row of a field; Good unless said. */
  Fixture status(String name, int... status) {
    statuses.put(name, status);
    return this;
  }

  /** The unit of the field named last. */
  Fixture unit(String unit) {
    Field last = fields.removeLast();
    fields.add(
        new Field(
            last.getName(),
            new FieldType(true, last.getType(), null, Map.of(Frames.UNIT, unit)),
            last.getChildren()));
    return this;
  }

  /** The time of each row; a microsecond apart unless said. */
  Fixture times(long... ns) {
    times = ns;
    return this;
  }

  Batch batch(BufferAllocator allocator) {
    VectorSchemaRoot root = VectorSchemaRoot.create(Frames.schema(fields), allocator);
    int rows = values.values().iterator().next().length;
    for (FieldVector vector : root.getFieldVectors()) {
      vector.setInitialCapacity(rows);
      vector.allocateNew();
    }
    for (int row = 0; row < rows; row++) {
      ((TimeStampNanoTZVector) root.getVector(Frames.TIME))
          .setSafe(row, times.length > 0 ? times[row] : 1000L * row);
    }
    values.forEach((name, cells) -> {
      for (int row = 0; row < rows; row++) {
        Object cell = cells[row];
        set(root.getVector(name), row, cell);
        int[] status = statuses.get(name);
        int code = status != null ? status[row] : cell == null ? Quality.BAD_NO_DATA : Quality.GOOD;
        ((UInt4Vector) root.getVector(Frames.status(name))).setSafe(row, code);
      }
    });
    root.setRowCount(rows);
    return Batch.of(root);
  }

  static void set(FieldVector vector, int row, @Nullable Object cell) {
    if (cell == null) {
      vector.setNull(row);
      return;
    }
    switch (vector) {
      case Float8Vector v -> v.setSafe(row, ((Number) cell).doubleValue());
      case Float4Vector v -> v.setSafe(row, ((Number) cell).floatValue());
      case Float2Vector v -> v.setSafeWithPossibleTruncate(row, ((Number) cell).floatValue());
      case TinyIntVector v -> v.setSafe(row, ((Number) cell).intValue());
      case UInt1Vector v -> v.setSafe(row, ((Number) cell).intValue());
      case SmallIntVector v -> v.setSafe(row, ((Number) cell).intValue());
      case UInt2Vector v ->
          v.setSafe(row, cell instanceof Character c ? c : ((Number) cell).intValue());
      case IntVector v -> v.setSafe(row, ((Number) cell).intValue());
      case UInt4Vector v -> v.setSafe(row, ((Number) cell).intValue());
      case BigIntVector v -> v.setSafe(row, ((Number) cell).longValue());
      case UInt8Vector v -> v.setSafe(row, ((Number) cell).longValue());
      case TimeStampNanoTZVector v -> v.setSafe(row, ((Number) cell).longValue());
      case BitVector v -> v.setSafe(row, (Boolean) cell ? 1 : 0);
      case VarCharVector v ->
          v.setSafe(row, cell.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
      case FixedSizeListVector v -> {
        v.setNotNull(row);
        List<?> list = (List<?>) cell;
        for (int i = 0; i < list.size(); i++) {
          set(v.getDataVector(), row * v.getListSize() + i, list.get(i));
        }
      }
      default -> throw new IllegalArgumentException(vector.toString());
    }
  }
}
