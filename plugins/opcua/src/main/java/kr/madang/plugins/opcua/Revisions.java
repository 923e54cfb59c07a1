package kr.madang.plugins.opcua;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.jspecify.annotations.Nullable;

/** Where a server gave another interval or queue than asked for. */
final class Revisions {
  private static final int NAMED = 3;

  private final Map<String, List<String>> found = new LinkedHashMap<>();

  void publishing(Duration asked, double got) {
    if (Math.abs(got - asked.toMillis()) > 0.5) {
      found.computeIfAbsent(
          "publishing interval " + asked.toMillis() + " ms became " + whole(got) + " ms",
          _ -> new ArrayList<>());
    }
  }

  void item(
      Item item,
      Duration sampling,
      @Nullable Double gotSampling,
      int queue,
      @Nullable UInteger gotQueue) {
    if (gotSampling != null && Math.abs(gotSampling - sampling.toMillis()) > 0.5) {
      note(
          item,
          "sampling interval " + sampling.toMillis() + " ms became " + whole(gotSampling) + " ms");
    }
    if (gotQueue != null && gotQueue.longValue() != queue) {
      note(item, "queue size " + queue + " became " + gotQueue);
    }
  }

  private void note(Item item, String what) {
    found.computeIfAbsent(what, _ -> new ArrayList<>()).add(item.tag());
  }

  private static String whole(double millis) {
    return millis == Math.rint(millis) ? Long.toString((long) millis) : Double.toString(millis);
  }

  /** One line for each kind, and forgets them. */
  List<String> take() {
    List<String> lines = new ArrayList<>();
    found.forEach((what, tags) ->
        lines.add(
            "the server revised: "
                + what
                + (tags.isEmpty()
                    ? ""
                    : " for "
                        + String.join(", ", tags.subList(0, Math.min(NAMED, tags.size())))
                        + (tags.size() > NAMED ? " and " + (tags.size() - NAMED) + " more" : ""))));
    found.clear();
    return lines;
  }
}
