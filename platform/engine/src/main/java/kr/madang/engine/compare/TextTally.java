package kr.madang.engine.compare;

import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kr.madang.engine.compare.TextComparison.Pair;
import kr.madang.engine.compare.TextComparison.Value;

/** Counts the texts of one column. Texts are kept cut, so that long ones cost no memory. */
final class TextTally {
  private static final int MOST = 1_000;
  private static final int LONGEST = 200;

  private final Map<String, long[]> values = new HashMap<>();
  private final PairCounts<String> pairs = new PairCounts<>();
  private long equal;

  void add(boolean ofA, String text) {
    String shown = cut(text);
    long[] counts = values.get(shown);
    if (counts == null) {
      if (values.size() >= MOST) {
        return;
      }
      counts = new long[2];
      values.put(shown, counts);
    }
    counts[ofA ? 0 : 1]++;
  }

  /** Takes the two texts of a row in and says whether they are the same. */
  boolean pair(Row row, String a, String b) {
    if (a.equals(b)) {
      equal++;
      return true;
    }
    pairs.add(cut(a), cut(b), row);
    return false;
  }

  /** A text, no longer than can be shown. */
  static String cut(String text) {
    return text.length() <= LONGEST ? text : text.substring(0, LONGEST - 1) + "…";
  }

  TextComparison comparison(int top) {
    List<Value> most =
        values.entrySet().stream()
            .map(e -> new Value(e.getKey(), e.getValue()[0], e.getValue()[1]))
            .sorted(
                Comparator.comparingLong((Value v) -> -v.a() - v.b()).thenComparing(Value::text))
            .limit(top)
            .toList();
    return new TextComparison(equal, pairs.rows(), pairs.top(top, Pair::new), most);
  }
}
