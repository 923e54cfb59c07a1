package kr.madang.control.config;

import java.util.ArrayList;
import java.util.List;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** Everything that is wrong with a document, so that it can be mended in one go. One thread. */
public final class Problems {
  private static final int SHOWN = 20;

  private final List<Problem> shown = new ArrayList<>();
  private int count;

  /**
   * One thing that is wrong.
   *
   * @param place where
   * @param path of the key: {@code source.config.port}; may be empty
   * @param message what was expected, what is there, and what to do
   */
  public record Problem(Place place, String path, String message) {
    @Override
    public String toString() {
      String where = place.toString();
      return (where.isEmpty() ? "" : where + ": ") + (path.isEmpty() ? "" : path + ": ") + message;
    }
  }

  /** Notes one. */
  public void add(Place place, String path, String message) {
    count++;
    if (shown.size() < SHOWN) {
      shown.add(new Problem(place, path, message));
    }
  }

  /** How many there are. */
  public int count() {
    return count;
  }

  /** The first of them. */
  public List<Problem> list() {
    return List.copyOf(shown);
  }

  /** Throws them as one CONFIG_INVALID, if there are any: one line each. */
  public void throwIfAny() {
    if (count > 0) {
      throw new PluginException(ErrorCode.CONFIG_INVALID, toString());
    }
  }

  /** One line each. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (Problem problem : shown) {
      text.append(text.isEmpty() ? "" : "\n").append(problem);
    }
    if (count > shown.size()) {
      text.append("\nand ").append(count - shown.size()).append(" more");
    }
    return text.toString();
  }
}
