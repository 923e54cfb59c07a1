package kr.madang.host;

/**
 * One version of a plugin.
 *
 * @param id of the plugin
 * @param version exact
 */
public record PluginRef(String id, String version) {

  /** As the folder of the plugin and PF4J spell it: {@code files@0.1.0}. */
  @Override
  public String toString() {
    return id + "@" + version;
  }
}
