package kr.madang.control.spec;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a document names something of a plugin, or a model.
 *
 * @param text as written
 * @param plugin id of the plugin; empty where only a stage is named, and for models
 * @param range of versions; empty means any
 * @param name of the stage or the model; empty where a plugin with a range stands alone
 */
public record Use(String text, Optional<String> plugin, Optional<String> range, String name) {
  private static final String NAME = "([a-z0-9][a-z0-9._-]{0,62})";
  private static final String RANGE = "(?:@([^@/]{1,100}))?";
  private static final Pattern STAGE = Pattern.compile("(?:" + NAME + RANGE + "/)?" + NAME);
  private static final Pattern PLUGIN = Pattern.compile(NAME + "@([^@/]{1,100})");
  private static final Pattern MODEL = Pattern.compile(NAME + RANGE);

  /**
   * Reads {@code plugin-id@range/stage}, {@code plugin-id/stage}, {@code plugin-id@range} or a bare
   * name.
   */
  public static Optional<Use> stage(String text) {
    Matcher stage = STAGE.matcher(text);
    if (stage.matches()) {
      return Optional.of(
          new Use(
              text,
              Optional.ofNullable(stage.group(1)),
              Optional.ofNullable(stage.group(2)),
              stage.group(3)));
    }
    Matcher plugin = PLUGIN.matcher(text);
    return plugin.matches()
        ? Optional.of(new Use(text, Optional.of(plugin.group(1)), Optional.of(plugin.group(2)), ""))
        : Optional.empty();
  }

  /** Reads {@code name} or {@code name@range}. */
  public static Optional<Use> model(String text) {
    Matcher model = MODEL.matcher(text);
    return model.matches()
        ? Optional.of(
            new Use(text, Optional.empty(), Optional.ofNullable(model.group(2)), model.group(1)))
        : Optional.empty();
  }

  /** What a stage is called that nobody named. */
  String defaultName() {
    return name.isEmpty() ? plugin.orElseThrow() : name;
  }
}
