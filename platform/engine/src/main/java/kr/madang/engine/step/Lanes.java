package kr.madang.engine.step;

import dev.cel.common.CelAbstractSyntaxTree;
import dev.cel.common.ast.CelConstant;
import dev.cel.common.ast.CelExpr;
import dev.cel.common.types.CelType;
import dev.cel.common.types.SimpleType;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * An expression of float64 and bool fields, literals and operators alone, column by column: the
 * same results as CEL, about a hundred times as fast. A bool is 1 or 0. None of these operators can
 * fail, so that nothing depends on short cuts.
 */
@FunctionalInterface
interface Lanes {

  /** The values of the first {@code n} rows, until the next call. */
  double[] values(int n);

  /**
   * Gives an expression as lanes, or null where it has parts that only CEL can evaluate.
   *
   * @param operands by variable
   */
  static @Nullable Lanes of(CelAbstractSyntaxTree ast, Map<String, double[]> operands, int rows) {
    return of(ast, ast.getExpr(), operands, rows);
  }

  private static @Nullable Lanes of(
      CelAbstractSyntaxTree ast, CelExpr expr, Map<String, double[]> operands, int rows) {
    CelType type = ast.getType(expr.id()).orElse(SimpleType.DYN);
    if (!type.equals(SimpleType.DOUBLE) && !type.equals(SimpleType.BOOL)) {
      return null;
    }
    switch (expr.getKind()) {
      case CONSTANT -> {
        CelConstant constant = expr.constant();
        double[] same = new double[rows];
        Arrays.fill(
            same,
            type.equals(SimpleType.DOUBLE)
                ? constant.doubleValue()
                : constant.booleanValue() ? 1 : 0);
        return _ -> same;
      }
      case IDENT -> {
        double[] operand = operands.get(expr.ident().name());
        return operand == null ? null : _ -> operand;
      }
      case CALL -> {
        if (expr.call().target().isPresent()) {
          return null;
        }
        List<CelExpr> parts = expr.call().args();
        Lanes[] args = new Lanes[parts.size()];
        for (int i = 0; i < args.length; i++) {
          Lanes arg = of(ast, parts.get(i), operands, rows);
          if (arg == null) {
            return null;
          }
          args[i] = arg;
        }
        return call(expr.call().function(), args, new double[rows]);
      }
      default -> {
        return null;
      }
    }
  }

  private static @Nullable Lanes call(String function, Lanes[] args, double[] out) {
    return switch (function) {
      case "_+_" ->
          binary(
              args,
              out,
              (a, b, n) -> {
                for (int i = 0; i < n; i++) {
                  out[i] = a[i] + b[i];
                }
              });
      case "_-_" ->
          binary(
              args,
              out,
              (a, b, n) -> {
                for (int i = 0; i < n; i++) {
                  out[i] = a[i] - b[i];
                }
              });
      case "_*_" ->
          binary(
              args,
              out,
              (a, b, n) -> {
                for (int i = 0; i < n; i++) {
                  out[i] = a[i] * b[i];
                }
              });
      case "_/_" ->
          binary(
              args,
              out,
              (a, b, n) -> {
                for (int i = 0; i < n; i++) {
                  out[i] = a[i] / b[i];
                }
              });
      case "_<_" ->
          binary(
              args,
              out,
              (a, b, n) -> {
                for (int i = 0; i < n; i++) {
                  out[i] = a[i] < b[i] ? 1 : 0;
                }
              });
      case "_<=_" ->
          binary(
              args,
              out,
              (a, b, n) -> {
                for (int i = 0; i < n; i++) {
                  out[i] = a[i] <= b[i] ? 1 : 0;
                }
              });
      case "_>_" ->
          binary(
              args,
              out,
              (a, b, n) -> {
                for (int i = 0; i < n; i++) {
                  out[i] = a[i] > b[i] ? 1 : 0;
                }
              });
      case "_>=_" ->
          binary(
              args,
              out,
              (a, b, n) -> {
                for (int i = 0; i < n; i++) {
                  out[i] = a[i] >= b[i] ? 1 : 0;
                }
              });
      case "_==_" ->
          binary(
              args,
              out,
              (a, b, n) -> {
                for (int i = 0; i < n; i++) {
                  out[i] = a[i] == b[i] ? 1 : 0;
                }
              });
      case "_!=_" ->
          binary(
              args,
              out,
              (a, b, n) -> {
                for (int i = 0; i < n; i++) {
                  out[i] = a[i] != b[i] ? 1 : 0;
                }
              });
      case "_&&_" ->
          binary(
              args,
              out,
              (a, b, n) -> {
                for (int i = 0; i < n; i++) {
                  out[i] = a[i] * b[i];
                }
              });
      case "_||_" ->
          binary(
              args,
              out,
              (a, b, n) -> {
                for (int i = 0; i < n; i++) {
                  out[i] = Math.max(a[i], b[i]);
                }
              });
      case "-_" ->
          n -> {
            double[] a = args[0].values(n);
            for (int i = 0; i < n; i++) {
              out[i] = -a[i];
            }
            return out;
          };
      case "!_" ->
          n -> {
            double[] a = args[0].values(n);
            for (int i = 0; i < n; i++) {
              out[i] = 1 - a[i];
            }
            return out;
          };
      case "_?_:_" ->
          n -> {
            double[] which = args[0].values(n);
            double[] yes = args[1].values(n);
            double[] no = args[2].values(n);
            for (int i = 0; i < n; i++) {
              out[i] = which[i] == 1 ? yes[i] : no[i];
            }
            return out;
          };
      default -> null;
    };
  }

  private static @Nullable Lanes binary(Lanes[] args, double[] out, Loop loop) {
    if (args.length != 2) {
      return null;
    }
    return n -> {
      loop.run(args[0].values(n), args[1].values(n), n);
      return out;
    };
  }

  /** One operator over all rows. */
  @FunctionalInterface
  interface Loop {
    void run(double[] a, double[] b, int n);
  }
}
