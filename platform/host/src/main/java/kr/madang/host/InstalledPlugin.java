package kr.madang.host;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * What is known of one version of a plugin at one moment.
 *
 * @param id of the plugin
 * @param version exact
 * @param digest SHA-256 of the archive in hexadecimal; empty for a catalogue folder that nobody
 *     described
 * @param description one line for people; may be empty
 * @param provider who wrote it; may be empty
 * @param license SPDX; may be empty
 * @param requires the range of SDK versions that it works with
 * @param state where it stands
 * @param reason why it stands there; empty where nothing is wrong
 * @param since when it came to this state
 * @param from where its files come from
 * @param home its folder
 * @param described whether the names of its stages are known; a catalogue folder that nobody
 *     described becomes known when it is started
 * @param sources names of its sources
 * @param transforms names of its transforms
 * @param sinks names of its sinks
 * @param codeModels names of the models that it declares in code
 * @param models its model folders
 * @param uses how many leases are open
 * @param hung calls into it that did not end in time and still run
 */
public record InstalledPlugin(
    String id,
    String version,
    String digest,
    String description,
    String provider,
    String license,
    String requires,
    PluginState state,
    String reason,
    Instant since,
    PluginOrigin from,
    Path home,
    boolean described,
    List<String> sources,
    List<String> transforms,
    List<String> sinks,
    List<String> codeModels,
    List<PluginModel> models,
    int uses,
    int hung) {

  /** Makes the lists unmodifiable. */
  public InstalledPlugin {
    sources = List.copyOf(sources);
    transforms = List.copyOf(transforms);
    sinks = List.copyOf(sinks);
    codeModels = List.copyOf(codeModels);
    models = List.copyOf(models);
  }

  /** Which plugin this is about. */
  public PluginRef ref() {
    return new PluginRef(id, version);
  }
}
