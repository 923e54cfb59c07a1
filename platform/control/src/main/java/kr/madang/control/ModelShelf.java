package kr.madang.control;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import kr.madang.control.spec.ModelDocument;
import kr.madang.host.Hosted;
import kr.madang.host.InstalledPlugin;
import kr.madang.host.ModelStore;
import kr.madang.host.PluginHost;
import kr.madang.host.PluginModel;
import kr.madang.host.PluginRef;
import kr.madang.host.PluginState;
import kr.madang.host.StoredModel;
import kr.madang.inference.Placement;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelFactory;
import kr.madang.sdk.model.ModelSpec;

/**
 * What models the plugins declare, and those that were uploaded; a {@code model.yaml} is read once.
 * Any thread.
 */
final class ModelShelf {
  private final PluginHost host;
  private final ModelStore uploads;
  private final Map<Path, Declared> folders = new ConcurrentHashMap<>();

  ModelShelf(PluginHost host, ModelStore uploads) {
    this.host = host;
    this.uploads = uploads;
  }

  /**
   * All models, by name and version.
   *
   * @param start also starts plugins whose models in code are not known yet
   */
  List<Declared> all(boolean start) {
    List<Declared> all = new ArrayList<>();
    Set<Path> present = new HashSet<>();
    for (StoredModel model : uploads.list()) {
      Declared known =
          known(
              new Origin.Upload(model.digest()),
              model.digest(),
              model.name(),
              model.version(),
              model.folder(),
              present);
      all.add(model.damage().isEmpty() ? known : damaged(known, model));
    }
    for (InstalledPlugin plugin : host.list()) {
      for (PluginModel model : plugin.models()) {
        all.add(
            known(
                new Origin.OfPlugin(plugin.ref()),
                plugin.digest(),
                model.name(),
                "",
                model.folder(),
                present));
      }
      all.addAll(inCode(plugin, start));
    }
    folders.keySet().retainAll(present);
    all.sort(
        Comparator.comparing(Declared::name)
            .thenComparing((a, b) -> PluginHost.compareVersions(a.version(), b.version())));
    return all;
  }

  private Declared known(
      Origin origin, String digest, String name, String version, Path folder, Set<Path> present) {
    present.add(folder);
    Declared known = folders.get(folder);
    if (known == null || !known.digest().equals(digest)) {
      known = read(origin, digest, name, version, folder);
      folders.put(folder, known);
    }
    return known;
  }

  private static Declared read(
      Origin origin, String digest, String name, String version, Path folder) {
    try {
      ModelDocument document = ModelFolder.read(folder);
      if (!document.name().equals(name)) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID,
            "name: expected that of its folder, '" + name + "', got '" + document.name() + "'");
      }
      if (!version.isEmpty() && !document.version().equals(version)) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID,
            "version: expected that of its folder, '%s', got '%s'"
                .formatted(version, document.version()));
      }
      return new Declared(
          origin,
          digest,
          document.name(),
          document.version(),
          document.description(),
          Optional.of(folder),
          document.spec(),
          "",
          document.run().orElse(Placement.CORES));
    } catch (PluginException e) {
      String file = origin.plugin().isPresent() ? "models/" + name + "/" : "";
      return new Declared(
          origin,
          digest,
          name,
          "",
          "",
          Optional.of(folder),
          null,
          file + ModelFolder.DECLARATION + ": " + e.getMessage());
    }
  }

  private static Declared damaged(Declared known, StoredModel model) {
    return new Declared(
        known.origin(),
        known.digest(),
        model.name(),
        model.version(),
        known.description(),
        known.folder(),
        known.spec(),
        "it is damaged: " + model.damage() + "; upload it again, or delete it");
  }

  private List<Declared> inCode(InstalledPlugin plugin, boolean start) {
    boolean started = plugin.state() == PluginState.STARTED;
    if (!started && (!start || plugin.described() && plugin.codeModels().isEmpty())) {
      return List.of();
    }
    try {
      if (!started) {
        host.start(plugin.id(), plugin.version());
      }
      List<Declared> models = new ArrayList<>();
      for (Hosted<ModelFactory> hosted : host.codeModels(plugin.id(), plugin.version())) {
        ModelSpec spec = spec(hosted.plugin(), hosted.factory());
        models.add(
            new Declared(
                new Origin.OfPlugin(plugin.ref()),
                plugin.digest(),
                spec.name(),
                spec.version(),
                "",
                Optional.empty(),
                spec,
                ""));
      }
      return models;
    } catch (PluginException e) {
      return List.of();
    }
  }

  private ModelSpec spec(PluginRef plugin, ModelFactory factory) {
    return host.call(plugin, Resolver.CALL, factory::spec);
  }

  /** The factory of a model in the code of a plugin, which is started. */
  ModelFactory factory(PluginRef plugin, Declared declared) {
    for (Hosted<ModelFactory> hosted : host.codeModels(plugin.id(), plugin.version())) {
      ModelSpec spec = spec(plugin, hosted.factory());
      if (spec.name().equals(declared.name()) && spec.version().equals(declared.version())) {
        return hosted.factory();
      }
    }
    throw new PluginException(
        ErrorCode.NOT_FOUND, "plugin " + plugin + " no longer declares it: install it again");
  }
}
