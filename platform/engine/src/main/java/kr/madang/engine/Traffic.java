package kr.madang.engine;

import java.util.LinkedHashMap;
import java.util.Map;
import kr.madang.engine.Checkpoint.Passage;

/** What has come out of the journal. Written by the feed, read by any thread. */
final class Traffic {
  private final Map<String, Passage> sources = new LinkedHashMap<>();
  private final Map<String, Passage> back = new LinkedHashMap<>();
  private static final String BACK = "again>";

  synchronized void received(String source, long rows) {
    sources.merge(source, new Passage(rows, 0), Traffic::plus);
  }

  synchronized void gone(String source, long rows) {
    sources.merge(source, new Passage(0, rows), Traffic::plus);
  }

  /** Rejected rows were put back before a stage. */
  synchronized void putBack(String stage, long rows) {
    back.merge(stage, new Passage(rows, 0), Traffic::plus);
  }

  private static Passage plus(Passage one, Passage other) {
    return new Passage(one.received() + other.received(), one.gone() + other.gone());
  }

  synchronized Passage source(String name) {
    return sources.getOrDefault(name, new Passage(0, 0));
  }

  synchronized Map<String, Passage> back() {
    return Map.copyOf(back);
  }

  synchronized Map<String, Passage> snapshot() {
    Map<String, Passage> all = new LinkedHashMap<>(sources);
    back.forEach((stage, rows) -> all.put(BACK + stage, rows));
    return all;
  }

  synchronized void resume(Map<String, Passage> before) {
    before.forEach((name, rows) -> {
      if (name.startsWith(BACK)) {
        back.put(name.substring(BACK.length()), rows);
      } else {
        sources.put(name, rows);
      }
    });
  }
}
