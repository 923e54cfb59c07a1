package kr.madang.sdk.model;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * How one tensor of a model meets the columns of a pipeline.
 *
 * @param tensor the name in the ONNX file
 * @param fields for an input: the fields it is made from; one field whose cells already have the
 *     tensor's row shape is taken without a copy, several are gathered in this order along the
 *     first dimension after the batch. For an output: the field it becomes, or one for each column;
 *     empty means the tensor's own name
 * @param shape with -1 for the batch; empty means as the ONNX file says
 * @param type the ONNX element type in lower case: {@code float32}; empty means as the file says
 * @param onBad what happens to a row with a Bad or missing value in this input
 * @param unit as a UCUM code, of an output or of all fields of an input; empty where none is said
 * @param description one line for people; may be empty
 * @param units as UCUM codes, of fields of an input that have one of their own
 */
public record TensorBinding(
    String tensor,
    List<String> fields,
    List<Long> shape,
    String type,
    OnBad onBad,
    String unit,
    String description,
    Map<String, String> units) {

  /** Makes the collections unmodifiable. */
  public TensorBinding {
    fields = List.copyOf(fields);
    shape = List.copyOf(shape);
    units = Map.copyOf(units);
  }

  /** A binding whose fields have no unit of their own. */
  public TensorBinding(
      String tensor,
      List<String> fields,
      List<Long> shape,
      String type,
      OnBad onBad,
      String unit,
      String description) {
    this(tensor, fields, shape, type, onBad, unit, description, Map.of());
  }

  /**
   * What happens to a row with a Bad or missing value in an input; in a window it is decided value
   * by value. Values that are Uncertain are used. What is computed from values that were not Good
   * is Uncertain.
   */
  public sealed interface OnBad {
    /** See {@link Reject}. */
    OnBad REJECT = new Reject();

    /** See {@link Skip}. */
    OnBad SKIP = new Skip();

    /** See {@link MarkUncertain}. */
    OnBad MARK_UNCERTAIN = new MarkUncertain();

    /** The row is rejected and kept. */
    record Reject() implements OnBad {}

    /** The row is not run; its outputs are missing, with the status of the worst input. */
    record Skip() implements OnBad {}

    /**
     * The last Good value of the field before stands in; without one that is young enough the row
     * is rejected.
     *
     * @param limit how old it may be, by the time of the frames
     */
    record Hold(Duration limit) implements OnBad {
      /** Checks the limit. */
      public Hold {
        if (!limit.isPositive() || limit.compareTo(Duration.ofDays(3650)) > 0) {
          throw new IllegalArgumentException(
              "expected more than 0s and at most ten years, got " + limit);
        }
      }
    }

    /**
     * A declared value stands in.
     *
     * @param value in the unit of the field: a number, {@code NaN} for a model that knows what to
     *     do with it, or {@code mean} for the mean of the field's {@link ModelSpec.Scale}
     */
    record Impute(String value) implements OnBad {
      /** Checks the value. */
      public Impute {
        boolean known = value.equals("mean");
        try {
          known |= !Double.isInfinite(Double.parseDouble(value));
        } catch (NumberFormatException _) {
          // Said below.
        }
        if (!known) {
          throw new IllegalArgumentException("expected mean, NaN or a number, got '" + value + "'");
        }
      }
    }

    /** The value is used although it is Bad; where there is none the row is rejected. */
    record MarkUncertain() implements OnBad {}
  }
}
