package kr.madang.control;

import java.util.List;

/**
 * A version of a plugin, for people and programs outside.
 *
 * @param id of the plugin
 * @param version exact
 * @param digest SHA-256 of the archive in hexadecimal; empty where nobody described it
 * @param state {@code installed}, {@code started}, {@code stopped} or {@code failed}
 * @param reason why it is so; empty where nothing is wrong
 * @param description one line for people; may be empty
 * @param provider who wrote it; may be empty
 * @param license SPDX; may be empty
 * @param from {@code catalogue} or {@code installed}
 * @param sources names of its sources
 * @param transforms names of its transforms
 * @param sinks names of its sinks
 * @param models names of its models
 * @param problems why models of it cannot be used, one line each
 */
public record PluginView(
    String id,
    String version,
    String digest,
    String state,
    String reason,
    String description,
    String provider,
    String license,
    String from,
    List<String> sources,
    List<String> transforms,
    List<String> sinks,
    List<String> models,
    List<String> problems) {

  /** Makes the lists unmodifiable. */
  public PluginView {
    sources = List.copyOf(sources);
    transforms = List.copyOf(transforms);
    sinks = List.copyOf(sinks);
    models = List.copyOf(models);
    problems = List.copyOf(problems);
  }
}
