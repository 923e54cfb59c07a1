package kr.madang.engine.step;

import com.google.common.collect.ImmutableList;
import dev.cel.bundle.Cel;
import dev.cel.bundle.CelBuilder;
import dev.cel.bundle.CelFactory;
import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.CelOptions;
import dev.cel.common.CelValidationException;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import dev.cel.extensions.CelExtensions;
import dev.cel.runtime.CelEvaluationException;
import dev.cel.runtime.CelRuntime;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.engine.step.ExpressionRewriter.Type;
import kr.madang.engine.step.FrameFields.FrameField;
import kr.madang.sdk.batch.Quality;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.VarCharVector;
import org.jspecify.annotations.Nullable;

/**
 * A CEL expression over the fields of a row. A row in which a field that the expression names is
 * missing, Bad or NaN has no result.
 */
final class Expression {
  /** Rows that are evaluated in one call at most. */
  static final int ROWS = 512;

  /** There is a result. */
  static final byte DONE = 0;

  /** A field that the expression names is missing. */
  static final byte MISSING = 1;

  /** The evaluation failed; see {@link #failure}. */
  static final byte FAILED = 2;

  /** Bounds of what a hostile expression can cost; there are no loops, as macros are off. */
  private static final CelOptions OPTIONS =
      CelOptions.current()
          .maxExpressionCodePointSize(4096)
          .maxParseExpressionNodeCount(1000)
          .maxParseRecursionDepth(50)
          .maxRegexProgramSize(1000)
          .enableComprehension(false)
          .build();

  private final Type type;
  private final FrameField[] operands;
  private final double[][] numbers;
  private final @Nullable Object[][] objects;
  private final Map<String, Integer> operandByVariable = new HashMap<>();
  private final CelRuntime.Program program;
  private final @Nullable Lanes lanes;

  /** By row: {@link #DONE}, {@link #MISSING} or {@link #FAILED}. */
  final byte[] outcome = new byte[ROWS];

  /** By row: the worst status of the fields that are named. */
  final int[] status = new int[ROWS];

  /** By row: the result if it is a float64, or 1 for true and 0 for false. */
  double[] number = new double[ROWS];

  /** By row: the result if it is an integer. */
  final long[] whole = new long[ROWS];

  /** By row: the result if it is a text. */
  final String[] text = new String[ROWS];

  /** Why the evaluation of the first failed row of the last call failed. */
  String failure = "";

  /**
   * @param step the name of the step, for errors
   * @param source the expression
   * @param fields what it may name
   * @param fast whether it may be evaluated without CEL where that gives the same
   */
  Expression(String step, String source, FrameFields fields, boolean fast) {
    ExpressionRewriter rewriter = new ExpressionRewriter(step, fields);
    try {
      CelAbstractSyntaxTree parsed = Parser.CEL.parse(source).getAst();
      CelAbstractSyntaxTree prepared =
          CelAbstractSyntaxTree.newParsedAst(
              rewriter.rewrite(parsed.getExpr()), parsed.getSource());
      operands = rewriter.used().toArray(FrameField[]::new);
      CelBuilder builder = builder();
      for (FrameField operand : operands) {
        builder.addVar(ExpressionRewriter.variable(operand), celType(operand));
      }
      Cel cel = builder.build();
      CelAbstractSyntaxTree checked = cel.check(prepared).getAst();
      type = type(step, source, checked.getResultType());
      program = cel.createProgram(checked);
      numbers = new double[operands.length][ROWS];
      objects = new @Nullable Object[operands.length][];
      Map<String, double[]> columns = new HashMap<>();
      for (int i = 0; i < operands.length; i++) {
        String variable = ExpressionRewriter.variable(operands[i]);
        operandByVariable.put(variable, i);
        Type known = ExpressionRewriter.type(operands[i]);
        if (known == Type.DOUBLE || known == Type.BOOL) {
          columns.put(variable, numbers[i]);
        }
      }
      lanes = fast ? Lanes.of(checked, columns, ROWS) : null;
    } catch (CelValidationException e) {
      throw Misfit.config(
          step, "expression '%s': %s".formatted(source, String.valueOf(e.getMessage())));
    } catch (CelEvaluationException e) {
      throw Misfit.config(
          step, "expression '%s': %s".formatted(source, String.valueOf(e.getMessage())));
    }
    if (lanes == null) {
      for (int i = 0; i < operands.length; i++) {
        objects[i] = new @Nullable Object[ROWS];
      }
    }
  }

  /** Made when the first expression is parsed: it takes half a second. */
  private static final class Parser {
    static final Cel CEL = builder().build();
  }

  private static CelBuilder builder() {
    return CelFactory.standardCelBuilder()
        .setOptions(OPTIONS)
        .setStandardMacros(ImmutableList.of())
        .addCompilerLibraries(CelExtensions.math())
        .addRuntimeLibraries(CelExtensions.math());
  }

  private static CelType celType(FrameField field) {
    return switch (ExpressionRewriter.type(field)) {
      case DOUBLE -> SimpleType.DOUBLE;
      case INT -> SimpleType.INT;
      case BOOL -> SimpleType.BOOL;
      case TEXT -> SimpleType.STRING;
      case OTHER -> SimpleType.DYN;
    };
  }

  private static Type type(String step, String source, CelType type) {
    if (type.equals(SimpleType.DOUBLE)) {
      return Type.DOUBLE;
    } else if (type.equals(SimpleType.INT)) {
      return Type.INT;
    } else if (type.equals(SimpleType.BOOL)) {
      return Type.BOOL;
    } else if (type.equals(SimpleType.STRING)) {
      return Type.TEXT;
    }
    throw Misfit.config(
        step,
        "expression '%s': expected a double, int, bool or string as result, got %s; convert it, with double(…) for example"
            .formatted(source, type.name()));
  }

  /** An expression that must say yes or no. */
  static Expression condition(String step, String source, FrameFields fields) {
    Expression expression = new Expression(step, source, fields, true);
    if (expression.type != Type.BOOL) {
      throw Misfit.config(
          step,
          "expression '%s': expected a bool as result, got %s; compare it with something"
              .formatted(source, expression.type));
    }
    return expression;
  }

  Type type() {
    return type;
  }

  boolean isFast() {
    return lanes != null;
  }

  /** Whether the condition held for a row of the last call. */
  boolean holds(int row) {
    return outcome[row] == DONE && number[row] == 1;
  }

  /** Fills the results for up to {@link #ROWS} rows of columns. */
  void evaluate(List<FieldVector> columns, int from, int rows) {
    Arrays.fill(outcome, 0, rows, DONE);
    Arrays.fill(status, 0, rows, Quality.GOOD);
    for (int i = 0; i < operands.length; i++) {
      load(i, columns.get(operands[i].value()), columns.get(operands[i].status()), from, rows);
    }
    if (lanes != null) {
      number = lanes.values(rows);
    } else {
      failure = "";
      for (int row = 0; row < rows; row++) {
        if (outcome[row] == DONE) {
          evaluate(row);
        }
      }
    }
  }

  private void load(int operand, FieldVector column, FieldVector statuses, int from, int rows) {
    ArrowBuf codes = statuses.getDataBuffer();
    boolean complete = column.getNullCount() == 0;
    double[] to = numbers[operand];
    boolean wide = ExpressionRewriter.type(operands[operand]) == Type.DOUBLE;
    if (wide) {
      for (int row = 0; row < rows; row++) {
        to[row] = Numbers.read(column, from + row);
      }
    }
    for (int row = 0; row < rows; row++) {
      int code = codes.getInt((long) (from + row) << 2);
      if (!complete && !Quality.isBad(code) && column.isNull(from + row)) {
        code = Quality.BAD_NO_DATA;
      }
      if (wide && to[row] != to[row] && !Quality.isBad(code)) {
        code = Quality.BAD_OUT_OF_RANGE;
      }
      if (code != Quality.GOOD) {
        status[row] = operand == 0 ? code : Quality.worst(status[row], code);
        if (Quality.isBad(code)) {
          outcome[row] = MISSING;
        }
      }
    }
    if (lanes == null) {
      box(operand, column, from, rows);
    } else if (column instanceof BitVector bits) {
      for (int row = 0; row < rows; row++) {
        to[row] = bits.isNull(from + row) ? 0 : bits.get(from + row);
      }
    }
  }

  private void box(int operand, FieldVector column, int from, int rows) {
    @Nullable Object[] to = objects[operand];
    Type type = ExpressionRewriter.type(operands[operand]);
    for (int row = 0; row < rows; row++) {
      to[row] =
          outcome[row] != DONE
              ? null
              : switch (type) {
                case DOUBLE -> (Object) numbers[operand][row];
                case INT -> Numbers.integer(column, from + row);
                case BOOL -> ((BitVector) column).get(from + row) == 1;
                default ->
                    new String(((VarCharVector) column).get(from + row), StandardCharsets.UTF_8);
              };
    }
  }

  private void evaluate(int row) {
    try {
      Object result = program.eval(variable -> find(variable, row));
      switch (result) {
        case Double d -> number[row] = d;
        case Long l -> whole[row] = l;
        case Boolean b -> number[row] = b ? 1 : 0;
        case String s -> text[row] = s;
        default -> fail(row, "the result is " + result);
      }
    } catch (CelEvaluationException e) {
      fail(row, String.valueOf(e.getMessage()));
    }
  }

  private Optional<Object> find(String variable, int row) {
    Integer operand = operandByVariable.get(variable);
    return operand == null ? Optional.empty() : Optional.ofNullable(objects[operand][row]);
  }

  private void fail(int row, String why) {
    outcome[row] = FAILED;
    if (failure.isEmpty()) {
      failure = why;
    }
  }
}
