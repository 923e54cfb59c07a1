package kr.madang.inference;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import kr.madang.inference.Use.Key;

/** The use that workspaces make of models, since the start of the process. Any thread. */
final class Uses {
  /** So many are told apart; what comes later is counted by workspace alone. */
  static final int MOST = 2_000;

  private static final String OTHERS = "*";

  private final Map<Key, Use> uses = new ConcurrentHashMap<>();
  private final StepRuns steps = new StepRuns();

  /** Who is told of single batches of pipelines. */
  StepRuns steps() {
    return steps;
  }

  Use of(Key key) {
    Use known = uses.get(key);
    if (known != null) {
      return known;
    }
    Key kept = key;
    if (uses.size() >= 2 * MOST) {
      kept = new Key(OTHERS, OTHERS, "", key.by());
    } else if (uses.size() >= MOST) {
      kept = new Key(key.workspace(), OTHERS, "", key.by());
    }
    return uses.computeIfAbsent(kept, Use::new);
  }

  List<Use.Snapshot> now() {
    return uses.values().stream().map(Use::now).toList();
  }
}
