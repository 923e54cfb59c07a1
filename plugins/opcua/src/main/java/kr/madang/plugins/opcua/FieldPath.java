package kr.madang.plugins.opcua;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The way to a value within a structure.
 *
 * @param steps at least one
 */
record FieldPath(List<Step> steps) {
  private static final Pattern STEP = Pattern.compile("([^.\\[\\]]+)(?:\\[(\\d{1,9})])?");

  /**
   * One field.
   *
   * @param index of an element if the field is an array, else -1
   */
  record Step(String name, int index) {}

  static FieldPath parse(String text) {
    List<Step> steps = new ArrayList<>();
    for (String part : text.split("\\.", -1)) {
      Matcher matcher = STEP.matcher(part);
      if (!matcher.matches()) {
        throw new IllegalArgumentException(
            "field: expected a path such as spindle.axes[2].speed, got '" + text + "'");
      }
      String index = matcher.group(2);
      steps.add(new Step(matcher.group(1), index == null ? -1 : Integer.parseInt(index)));
    }
    if (steps.size() > Cursor.DEEPEST) {
      throw new IllegalArgumentException(
          "field: expected at most " + Cursor.DEEPEST + " steps, got " + steps.size());
    }
    return new FieldPath(List.copyOf(steps));
  }
}
