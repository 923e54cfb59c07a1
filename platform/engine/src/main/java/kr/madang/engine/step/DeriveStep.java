package kr.madang.engine.step;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import kr.madang.engine.step.ExpressionRewriter.Type;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.transform.BatchOutput;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformContext;
import kr.madang.sdk.transform.TransformFactory;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.BitVectorHelper;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** Adds fields that are computed from those of the same row. */
final class DeriveStep implements TransformFactory<DeriveStep.Config> {

  record Config(
      @Doc("CEL expressions by the name of the field to add; later ones may use earlier ones")
          Map<String, String> fields) {}

  @Override
  public String name() {
    return "derive";
  }

  @Override
  public String title() {
    return "Add fields computed from others";
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Transform open(Config config, Schema in, TransformContext context) {
    if (config.fields().isEmpty()) {
      throw Misfit.config(name(), "expected at least one field with its expression, got none");
    }
    List<Field> columns = new ArrayList<>(in.getFields());
    List<Expression> expressions = new ArrayList<>();
    for (Map.Entry<String, String> entry : config.fields().entrySet()) {
      String field = entry.getKey();
      FrameFields known = new FrameFields(name(), new Schema(columns));
      FrameFields.checkName(name(), field);
      if (known.has(field)) {
        throw Misfit.config(
            name(), "there is a field '" + field + "' already; choose another name");
      }
      Expression expression = new Expression(name(), entry.getValue(), known, true);
      expressions.add(expression);
      List<Field> added =
          Frames.schema(List.of(Frames.field(field, type(expression.type()), "", ""))).getFields();
      columns.add(added.get(1));
      columns.add(added.get(2));
    }
    return new Derived(expressions, in.getFields().size(), new Schema(columns), context);
  }

  private static ArrowType type(Type type) {
    return switch (type) {
      case DOUBLE, OTHER -> Frames.DOUBLE;
      case INT -> new ArrowType.Int(64, true);
      case BOOL -> ArrowType.Bool.INSTANCE;
      case TEXT -> ArrowType.Utf8.INSTANCE;
    };
  }

  private static final class Derived implements Transform {
    private final List<Expression> expressions;
    private final int before;
    private final Schema schema;
    private final TransformContext context;

    Derived(List<Expression> expressions, int before, Schema schema, TransformContext context) {
      this.expressions = expressions;
      this.before = before;
      this.schema = schema;
      this.context = context;
    }

    @Override
    public Schema schema() {
      return schema;
    }

    @Override
    public void apply(Batch in, BatchOutput out) throws InterruptedException {
      int rows = in.rows();
      if (rows == 0) {
        return;
      }
      List<Field> fields = schema.getFields();
      try (Assembly assembly = new Assembly(context.allocator())) {
        for (int column = 0; column < before; column++) {
          assembly.share(in.root().getVector(column), fields.get(column), 0, rows);
        }
        int column = before;
        for (Expression expression : expressions) {
          FieldVector result = assembly.add(fields.get(column), rows);
          FieldVector status = assembly.add(fields.get(column + 1), rows);
          fill(expression, assembly.vectors(), rows, result, status.getDataBuffer());
          column += 2;
        }
        out.emit(assembly.take(schema, rows));
      }
    }

    private static void fill(
        Expression expression,
        List<FieldVector> columns,
        int rows,
        FieldVector result,
        ArrowBuf status) {
      for (int from = 0; from < rows; from += Expression.ROWS) {
        int part = Math.min(Expression.ROWS, rows - from);
        expression.evaluate(columns, from, part);
        for (int row = 0; row < part; row++) {
          int code = expression.status[row];
          boolean there = expression.outcome[row] == Expression.DONE;
          if (expression.outcome[row] == Expression.FAILED) {
            code = Quality.BAD;
          } else if (there
              && expression.type() == Type.DOUBLE
              && Double.isNaN(expression.number[row])) {
            code = Quality.BAD_OUT_OF_RANGE;
            there = false;
          }
          if (there) {
            set(expression, row, result, from + row);
          } else {
            BitVectorHelper.unsetBit(result.getValidityBuffer(), from + row);
          }
          status.setInt((long) (from + row) << 2, code);
        }
      }
      result.setValueCount(rows);
    }

    private static void set(Expression expression, int from, FieldVector result, int row) {
      switch (result) {
        case Float8Vector v ->
            v.getDataBuffer().setDouble((long) row << 3, expression.number[from]);
        case BitVector v -> {
          if (expression.number[from] == 1) {
            BitVectorHelper.setBit(v.getDataBuffer(), row);
          }
        }
        case BigIntVector v -> v.getDataBuffer().setLong((long) row << 3, expression.whole[from]);
        case VarCharVector v ->
            v.setSafe(row, expression.text[from].getBytes(StandardCharsets.UTF_8));
        default -> throw new IllegalStateException("unexpected column " + result);
      }
    }
  }
}
