package kr.madang.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import kr.madang.control.ModelRoom.Declared;
import kr.madang.control.config.Binder;
import kr.madang.control.config.Documents;
import kr.madang.control.config.Secrets;
import kr.madang.control.spec.ModelDocument;
import kr.madang.host.Hosted;
import kr.madang.host.InstalledPlugin;
import kr.madang.host.PluginHost;
import kr.madang.host.PluginModel;
import kr.madang.host.PluginRef;
import kr.madang.host.PluginState;
import kr.madang.inference.Placement;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelFactory;
import kr.madang.sdk.model.ModelSpec;

/** What models the plugins declare; a {@code model.yaml} is read once. Any thread. */
final class ModelShelf {
  private static final long MAX_BYTES = 1 << 20;

  private final PluginHost host;
  private final Map<Path, Declared> folders = new ConcurrentHashMap<>();

  ModelShelf(PluginHost host) {
    this.host = host;
  }

  /**
   * All models, by name and version.
   *
   * @param start also starts plugins whose models in code are not known yet
   */
  List<Declared> all(boolean start) {
    List<Declared> all = new ArrayList<>();
    Set<Path> present = new HashSet<>();
    for (InstalledPlugin plugin : host.list()) {
      for (PluginModel model : plugin.models()) {
        present.add(model.folder());
        Declared known = folders.get(model.folder());
        if (known == null || !known.digest().equals(plugin.digest())) {
          known = read(plugin, model);
          folders.put(model.folder(), known);
        }
        all.add(known);
      }
      all.addAll(inCode(plugin, start));
    }
    folders.keySet().retainAll(present);
    all.sort(
        Comparator.comparing(Declared::name)
            .thenComparing((a, b) -> PluginHost.compareVersions(a.version(), b.version())));
    return all;
  }

  private static Declared read(InstalledPlugin plugin, PluginModel model) {
    Path folder = model.folder();
    Path file = folder.resolve("model.yaml");
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw new PluginException(ErrorCode.CONFIG_INVALID, "longer than 1 MiB");
      }
      Binder binder = new Binder(folder, new Secrets(folder));
      ModelDocument document = ModelDocument.read(Documents.yaml(Files.readString(file)), binder);
      if (!document.name().equals(model.name())) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID,
            "name: expected that of its folder, '"
                + model.name()
                + "', got '"
                + document.name()
                + "'");
      }
      checkFiles(folder, document);
      return new Declared(
          plugin.ref(),
          plugin.digest(),
          document.name(),
          document.version(),
          document.description(),
          Optional.of(folder),
          document.spec(),
          "",
          document.run().orElse(Placement.CORES));
    } catch (IOException e) {
      return unreadable(
          plugin, model, "models/" + model.name() + "/model.yaml cannot be read: " + e);
    } catch (PluginException e) {
      return unreadable(plugin, model, "models/" + model.name() + "/model.yaml: " + e.getMessage());
    }
  }

  private static void checkFiles(Path folder, ModelDocument document) {
    if (!Files.isRegularFile(folder.resolve("model.onnx"))) {
      throw new PluginException(ErrorCode.CONFIG_INVALID, "model.onnx is missing beside it");
    }
    Optional<String> golden = document.spec().golden().map(ModelSpec.Golden::file);
    if (golden.isPresent()) {
      Path file = folder.resolve(golden.get()).normalize();
      if (!file.startsWith(folder) || !Files.isRegularFile(file)) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID,
            "golden.file: expected a file beside it, got '" + golden.get() + "', which is missing");
      }
    }
  }

  private static Declared unreadable(InstalledPlugin plugin, PluginModel model, String why) {
    return new Declared(
        plugin.ref(),
        plugin.digest(),
        model.name(),
        "",
        "",
        Optional.of(model.folder()),
        null,
        why);
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
                plugin.ref(),
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

  /** The factory of a model in code; its plugin is started. */
  ModelFactory factory(Declared declared) {
    PluginRef plugin = declared.plugin();
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
