package kr.madang.inference;

import java.util.List;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.TensorBinding.OnBad;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** Finds out how old values are. */
final class Times {
  private static final ArrowType TIME = new ArrowType.Timestamp(TimeUnit.NANOSECOND, "UTC");

  private Times() {}

  /**
   * The column that says when the elements of a source were: the time of the frames, or for a
   * window the one field that holds the times of its frames.
   */
  static int column(Schema in, FieldSource source, String where, OnBad.Hold policy) {
    if (!source.list) {
      return 0;
    }
    int found = -1;
    List<Field> fields = in.getFields();
    for (int i = 0; i < fields.size(); i++) {
      if (fields.get(i).getType() instanceof ArrowType.FixedSizeList lists
          && fields.get(i).getChildren().getFirst().getType().equals(TIME)) {
        if (found >= 0 || lists.getListSize() != source.length) {
          throw misfit(
              where,
              policy,
              "field '%s' has %d values and field '%s' %d times; expected one field of times, one for each value, so leave out 'as' of the window step"
                  .formatted(
                      source.field, source.length, fields.get(i).getName(), lists.getListSize()));
        }
        found = i;
      }
    }
    if (found < 0) {
      throw misfit(
          where,
          policy,
          "nothing says when the %d values of field '%s' were; add 'times: frameTimes' to the window step"
              .formatted(source.length, source.field));
    }
    return found;
  }

  private static PluginException misfit(String where, OnBad.Hold policy, String why) {
    return new PluginException(
        ErrorCode.SCHEMA_MISFIT, where + ", onBad " + Policies.text(policy) + ": " + why);
  }
}
