package kr.madang.sdk.testkit;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import kr.madang.sdk.batch.Batch;
import org.jspecify.annotations.Nullable;

/** The content of batches as text, equal only if every bit is; for comparing and for messages. */
public final class Contents {
  private Contents() {}

  /** One line a row: the columns in order, numbers with all digits, NaN equal to itself. */
  public static List<String> of(Batch batch) {
    List<String> lines = new ArrayList<>();
    for (Map<String, @Nullable Object> row : Rows.of(batch)) {
      StringBuilder line = new StringBuilder();
      row.forEach((name, value) -> line.append(name).append('=').append(text(value)).append(' '));
      lines.add(line.toString().strip());
    }
    return lines;
  }

  /** The rows of all batches, one after the other, wherever one ends and the next begins. */
  public static List<String> of(List<Batch> batches) {
    List<String> lines = new ArrayList<>();
    batches.forEach(batch -> lines.addAll(of(batch)));
    return lines;
  }

  private static String text(@Nullable Object value) {
    return switch (value) {
      case byte[] bytes -> HexFormat.of().formatHex(bytes);
      case Double number -> number + "/" + Long.toHexString(Double.doubleToRawLongBits(number));
      case List<?> list -> list.stream().map(Contents::text).toList().toString();
      case null -> "null";
      default -> value.toString();
    };
  }
}
