package kr.madang.engine.step;

import java.util.Collection;
import java.util.Locale;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** Says why a step does not fit the one before it, or its config, in words that lead on. */
final class Misfit {
  private static final int SHOWN = 12;

  private Misfit() {}

  static PluginException of(String step, String message) {
    return new PluginException(ErrorCode.SCHEMA_MISFIT, step + ": " + message);
  }

  static PluginException config(String step, String message) {
    return new PluginException(ErrorCode.CONFIG_INVALID, step + ": " + message);
  }

  static PluginException notFrames(String step, Schema got) {
    return of(
        step,
        "expected frames, got "
            + (kr.madang.sdk.batch.Samples.matches(got)
                ? "samples; put an 'align' step before it"
                : "columns " + got));
  }

  static PluginException type(String step, Field field, String expected) {
    return of(
        step,
        "field '"
            + field.getName()
            + "': expected "
            + expected
            + ", got "
            + name(field)
            + "; name other fields or change the step before");
  }

  static PluginException unknown(String step, String field, Collection<String> known) {
    String what = "there is no field '" + field + "'";
    return of(
        step,
        known.isEmpty()
            ? what + "; the input has no field at all"
            : what + hint(field, known, "The input has"));
  }

  /** That no source declares a tag, though there is at least one that is known. */
  static String undeclared(String tag, Collection<String> known) {
    String what = "no source declares tag '" + tag + "'";
    return known.isEmpty() ? what : what + hint(tag, known, "Declared are");
  }

  private static String hint(String name, Collection<String> known, String there) {
    StringBuilder hint = new StringBuilder();
    String nearest = nearest(name, known);
    if (distance(name, nearest) <= Math.max(2, name.length() / 2)) {
      hint.append("; did you mean '").append(nearest).append("'? ");
    } else {
      hint.append(". ");
    }
    hint.append(there).append(' ');
    hint.append(String.join(", ", known.stream().limit(SHOWN).toList()));
    if (known.size() > SHOWN) {
      hint.append(" and ").append(known.size() - SHOWN).append(" more");
    }
    return hint.toString();
  }

  static String name(Field field) {
    return switch (field.getType()) {
      case ArrowType.FloatingPoint f ->
          switch (f.getPrecision()) {
            case HALF -> "float16";
            case SINGLE -> "float32";
            case DOUBLE -> "float64";
          };
      case ArrowType.Int i -> (i.getIsSigned() ? "int" : "uint") + i.getBitWidth();
      case ArrowType.Bool _ -> "bool";
      case ArrowType.Utf8 _ -> "text";
      case ArrowType.Binary _ -> "bytes";
      case ArrowType.FixedSizeList l ->
          "a window of " + l.getListSize() + " " + name(field.getChildren().get(0));
      case ArrowType t -> t.toString().toLowerCase(Locale.ROOT);
    };
  }

  private static String nearest(String name, Collection<String> known) {
    String best = "";
    int least = Integer.MAX_VALUE;
    for (String candidate : known) {
      int distance = distance(name, candidate);
      if (distance < least) {
        least = distance;
        best = candidate;
      }
    }
    return best;
  }

  private static int distance(String a, String b) {
    String left = a.toLowerCase(Locale.ROOT);
    String right = b.toLowerCase(Locale.ROOT);
    int[] row = new int[right.length() + 1];
    for (int j = 0; j < row.length; j++) {
      row[j] = j;
    }
    for (int i = 1; i <= left.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= right.length(); j++) {
        int change = diagonal + (left.charAt(i - 1) == right.charAt(j - 1) ? 0 : 1);
        diagonal = row[j];
        row[j] = Math.min(change, Math.min(row[j], row[j - 1]) + 1);
      }
    }
    return row[right.length()];
  }
}
