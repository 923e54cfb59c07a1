package kr.madang.engine.step;

import com.google.common.collect.ImmutableList;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.ast.CelExpr.ExprKind.Kind;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import kr.madang.engine.step.FrameFields.FrameField;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.jspecify.annotations.Nullable;

/**
 * Prepares a parsed expression for CEL's strict types: names of fields, {@code a.b} and {@code
 * row["any name"]} become variables, and where a float64 meets an integer the integer becomes a
 * float64.
 */
final class ExpressionRewriter {
  private static final String ROW = "row";
  private static final Set<String> COMPARISONS =
      Set.of("_<_", "_<=_", "_>_", "_>=_", "_==_", "_!=_");
  private static final Set<String> ARITHMETIC = Set.of("_+_", "_-_", "_*_", "_/_", "_%_");

  private static final Set<String> MACROS =
      Set.of("has", "all", "exists", "exists_one", "map", "filter");

  /** What is known of the type of a part before CEL checks it. */
  enum Type {
    DOUBLE,
    INT,
    BOOL,
    TEXT,
    OTHER
  }

  private record Typed(CelExpr expr, Type type) {}

  private final String step;
  private final FrameFields fields;
  private final Set<FrameField> used = new LinkedHashSet<>();
  private long lastId = 1L << 40;

  ExpressionRewriter(String step, FrameFields fields) {
    this.step = step;
    this.fields = fields;
  }

  CelExpr rewrite(CelExpr expr) {
    return typed(expr).expr;
  }

  /** The fields that were named, in the order in which they were. */
  List<FrameField> used() {
    return List.copyOf(used);
  }

  static String variable(FrameField field) {
    return "f" + field.value();
  }

  static Type type(FrameField field) {
    return switch (field.field().getType()) {
      case ArrowType.FloatingPoint _ when field.isNumber() -> Type.DOUBLE;
      case ArrowType.Int _ -> Type.INT;
      case ArrowType.Bool _ -> Type.BOOL;
      case ArrowType.Utf8 _ -> Type.TEXT;
      default -> Type.OTHER;
    };
  }

  private Typed typed(CelExpr expr) {
    return switch (expr.getKind()) {
      case CONSTANT -> new Typed(expr, constant(expr.constant()));
      case IDENT -> field(expr.id(), expr.ident().name());
      case SELECT -> {
        String name = path(expr);
        if (name == null) {
          throw Misfit.config(step, "'." + expr.select().field() + "' can only follow a name");
        }
        yield field(expr.id(), name);
      }
      case CALL -> call(expr, expr.call());
      case LIST -> list(expr, false);
      default -> throw noMacros();
    };
  }

  private PluginException noMacros() {
    return Misfit.config(
        step, "maps, messages and macros (has, all, exists …) are not part of expressions here");
  }

  private static Type constant(CelConstant constant) {
    return switch (constant.getKind()) {
      case DOUBLE_VALUE -> Type.DOUBLE;
      case INT64_VALUE -> Type.INT;
      case BOOLEAN_VALUE -> Type.BOOL;
      case STRING_VALUE -> Type.TEXT;
      default -> Type.OTHER;
    };
  }

  private Typed field(long id, String name) {
    FrameField field = fields.get(name);
    Type type = type(field);
    if (type == Type.OTHER) {
      throw Misfit.type(step, field.field(), "a number, a bool or a text in an expression");
    }
    used.add(field);
    return new Typed(CelExpr.ofIdent(id, variable(field)), type);
  }

  private static @Nullable String path(CelExpr expr) {
    if (expr.getKind() == Kind.IDENT) {
      return expr.ident().name();
    }
    if (expr.getKind() != Kind.SELECT || expr.select().testOnly()) {
      return null;
    }
    String start = path(expr.select().operand());
    return start == null ? null : start + "." + expr.select().field();
  }

  private Typed list(CelExpr expr, boolean widen) {
    List<CelExpr> elements = new ArrayList<>();
    for (CelExpr element : expr.list().elements()) {
      Typed typed = typed(element);
      elements.add(widen ? widened(typed).expr : typed.expr);
    }
    return new Typed(
        CelExpr.ofList(expr.id(), ImmutableList.copyOf(elements), expr.list().optionalIndices()),
        Type.OTHER);
  }

  private Typed call(CelExpr expr, CelExpr.CelCall call) {
    String function = call.function();
    if (MACROS.contains(function)) {
      throw noMacros();
    }
    if (function.equals("_[_]") && isRow(call.args().get(0))) {
      CelExpr key = call.args().get(1);
      if (key.getKind() != Kind.CONSTANT
          || key.constant().getKind() != CelConstant.Kind.STRING_VALUE) {
        throw Misfit.config(step, "row[…]: expected the name of a field in quotes");
      }
      return field(expr.id(), key.constant().stringValue());
    }
    Optional<CelExpr> target = call.target();
    boolean math = target.isPresent() && "math".equals(path(target.get()));
    List<Typed> args = new ArrayList<>();
    for (CelExpr arg : call.args()) {
      boolean members =
          function.equals("@in")
              && args.size() == 1
              && args.get(0).type == Type.DOUBLE
              && arg.getKind() == Kind.LIST;
      args.add(members ? list(arg, true) : typed(arg));
    }
    if (mixes(function, math || function.startsWith("math."))
        && args.stream().anyMatch(arg -> arg.type == Type.DOUBLE)) {
      args.replaceAll(this::widened);
    }
    CelExpr rewritten =
        CelExpr.ofCall(
            expr.id(),
            math ? target : target.map(t -> typed(t).expr),
            function,
            args.stream().map(Typed::expr).collect(ImmutableList.toImmutableList()));
    return new Typed(rewritten, result(function, math, args));
  }

  private boolean isRow(CelExpr expr) {
    return expr.getKind() == Kind.IDENT && expr.ident().name().equals(ROW);
  }

  private static boolean mixes(String function, boolean math) {
    return math
        || function.equals("_?_:_")
        || COMPARISONS.contains(function)
        || ARITHMETIC.contains(function);
  }

  private Typed widened(Typed typed) {
    if (typed.type != Type.INT) {
      return typed;
    }
    CelExpr expr = typed.expr;
    if (expr.getKind() == Kind.CONSTANT) {
      double value = expr.constant().int64Value();
      return new Typed(CelExpr.ofConstant(expr.id(), CelConstant.ofValue(value)), Type.DOUBLE);
    }
    return new Typed(
        CelExpr.ofCall(++lastId, Optional.empty(), "double", ImmutableList.of(expr)), Type.DOUBLE);
  }

  private static Type result(String function, boolean math, List<Typed> args) {
    if (COMPARISONS.contains(function)) {
      return Type.BOOL;
    }
    if (ARITHMETIC.contains(function) || function.equals("-_")) {
      return args.get(0).type;
    }
    if (function.equals("_?_:_")) {
      return args.get(1).type;
    }
    if (math || function.startsWith("math.")) {
      boolean wide = args.stream().anyMatch(arg -> arg.type == Type.DOUBLE);
      boolean asks = function.startsWith("is");
      return asks ? Type.BOOL : wide || function.equals("sqrt") ? Type.DOUBLE : Type.OTHER;
    }
    return switch (function) {
      case "_&&_", "_||_", "!_", "@in" -> Type.BOOL;
      case "double" -> Type.DOUBLE;
      case "int", "size" -> Type.INT;
      case "string" -> Type.TEXT;
      default -> Type.OTHER;
    };
  }
}
