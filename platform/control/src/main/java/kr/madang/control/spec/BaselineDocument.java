package kr.madang.control.spec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.control.config.Binder;
import kr.madang.control.config.Node;
import kr.madang.inference.Baseline;
import kr.madang.inference.Baseline.Side;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** A baseline as {@code model.yaml} and the API have it. */
public record BaselineDocument(
    @Doc("By field of the inputs; field[3] is one element of it") @Default("{}")
        Map<String, Column> inputs,
    @Doc("By field of the outputs") @Default("{}") Map<String, Column> outputs) {

  /** The values of one field. */
  public record Column(
      @Doc("Where a bin ends, rising, 9 at most; the first and the last bin are open")
          List<Double> edges,
      @Doc("Share of the values in each bin, one more than edges") List<Double> shares,
      @Doc("Share of values that were missing") @Default("0") double missing,
      @Doc("The least value that is nothing special") double low,
      @Doc("The greatest") double high,
      @Doc("Rows that this was taken from") long rows) {}

  /** The file of reference rows that a node names; empty for statistics. */
  public static Optional<String> file(Node node) {
    return node instanceof Node.Scalar scalar ? Optional.of(scalar.text()) : Optional.empty();
  }

  /**
   * Reads statistics.
   *
   * @throws PluginException CONFIG_INVALID with what is wrong
   */
  public static Baseline read(Node node, Binder binder) {
    BaselineDocument document = binder.bind(node, BaselineDocument.class, "baseline");
    List<Baseline.Column> columns = new ArrayList<>();
    try {
      document.inputs.forEach((name, column) -> columns.add(of(Side.INPUT, name, column)));
      document.outputs.forEach((name, column) -> columns.add(of(Side.OUTPUT, name, column)));
    } catch (IllegalArgumentException e) {
      throw new PluginException(ErrorCode.CONFIG_INVALID, String.valueOf(e.getMessage()), e);
    }
    return new Baseline(columns);
  }

  private static Baseline.Column of(Side side, String name, Column column) {
    return new Baseline.Column(
        side,
        name,
        column.edges(),
        column.shares(),
        column.missing(),
        column.low(),
        column.high(),
        column.rows());
  }

  /** The document of a baseline. */
  public static BaselineDocument of(Baseline baseline) {
    Map<String, Column> in = new LinkedHashMap<>();
    Map<String, Column> out = new LinkedHashMap<>();
    for (Baseline.Column column : baseline.columns()) {
      (column.side() == Side.INPUT ? in : out)
          .put(
              column.name(),
              new Column(
                  column.edges(),
                  column.shares(),
                  column.missing(),
                  column.low(),
                  column.high(),
                  column.rows()));
    }
    return new BaselineDocument(in, out);
  }
}
