package kr.madang.plugins.kafka;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import java.io.IOException;
import kr.madang.plugins.kafka.JsonValues.Kind;
import kr.madang.plugins.kafka.SourceConfig.Statuses;
import kr.madang.sdk.batch.Quality;

/** Small things of JSON that both shapes need. */
final class Json {
  /** Up to here a double carries every whole number. */
  static final long EXACT = 1L << 53;

  private static final int DEEPEST = 64;
  private static final int LONGEST_NUMBER = 400;

  private Json() {}

  static JsonFactory factory(int longest) {
    return JsonFactory.builder()
        .disable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
        .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(DEEPEST)
                .maxNumberLength(LONGEST_NUMBER)
                .maxNameLength(1000)
                .maxStringLength(longest)
                .build())
        .build();
  }

  /** Whether nothing follows the value that was read. */
  static void end(JsonParser parser) throws IOException {
    if (parser.nextToken() != null) {
      throw new IOException("one JSON value expected, got more after it");
    }
  }

  /** The status at a slot; Good where none stands. */
  static int status(JsonValues values, int slot, Statuses statuses) {
    if (slot < 0 || values.kinds[slot] == Kind.ABSENT) {
      return Quality.GOOD;
    }
    if (values.kinds[slot] != Kind.LONG) {
      return Quality.UNCERTAIN;
    }
    long code = values.longs[slot];
    if (statuses == Statuses.OPCDA) {
      return code < 0 || code > 255
          ? Quality.UNCERTAIN
          : code >= 192 ? Quality.GOOD : code < 64 ? Quality.BAD : Quality.UNCERTAIN;
    }
    return code < Integer.MIN_VALUE || code > 0xFFFF_FFFFL ? Quality.UNCERTAIN : (int) code;
  }

  /** What a parser said, without the source that it quotes. */
  static String words(Exception e) {
    String message = String.valueOf(e.getMessage());
    int end = message.indexOf('\n');
    String first = end < 0 ? message : message.substring(0, end);
    return first.length() <= 300 ? first : first.substring(0, 300) + "…";
  }
}
