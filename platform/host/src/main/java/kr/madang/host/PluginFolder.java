package kr.madang.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import kr.madang.sdk.error.PluginException;

/** Reads unpacked plugins. */
final class PluginFolder {
  static final String HALF =
      "its label " + Label.FILE + " is missing, so it was not installed by this host";

  private PluginFolder() {}

  /** A plugin of the distribution; trusted, so nothing is hashed. */
  static Slot catalogue(HostOptions options, Path folder) throws IOException {
    Descriptor descriptor = Descriptor.read(folder);
    return new Slot(
        options,
        PluginOrigin.CATALOGUE,
        folder,
        descriptor,
        Label.read(folder),
        models(folder),
        Optional.empty());
  }

  /** An installed plugin, whatever state its files are in. */
  static Slot installed(HostOptions options, Path folder) {
    String name = String.valueOf(folder.getFileName());
    Optional<Label> label = Optional.empty();
    try {
      label = Label.read(folder);
      Optional<String> damage = label.map(known -> known.damage(folder)).orElse(Optional.of(HALF));
      Descriptor descriptor = Descriptor.read(folder);
      if (!descriptor.ref().toString().equals(name)) {
        throw new IOException(
            "the folder is named " + name + " but holds plugin " + descriptor.ref());
      }
      return new Slot(
          options,
          PluginOrigin.INSTALLED,
          folder,
          descriptor,
          label,
          damage.isPresent() ? List.of() : models(folder),
          damage);
    } catch (IOException | PluginException e) {
      return new Slot(
          options,
          PluginOrigin.INSTALLED,
          folder,
          named(name),
          Optional.empty(),
          List.of(),
          Optional.of(String.valueOf(e.getMessage())));
    }
  }

  private static Descriptor named(String folder) {
    int at = folder.indexOf('@');
    PluginRef ref =
        at > 0
            ? new PluginRef(folder.substring(0, at), folder.substring(at + 1))
            : new PluginRef(folder, "unknown");
    return new Descriptor(ref, "*", "", "", "");
  }

  /** The folders under {@code models/} that hold a model. */
  static List<PluginModel> models(Path folder) throws IOException {
    return Folders.children(folder.resolve("models")).stream()
        .filter(model ->
            Files.isRegularFile(model.resolve("model.yaml"))
                || Files.isRegularFile(model.resolve("model.onnx")))
        .map(model -> new PluginModel(String.valueOf(model.getFileName()), model))
        .toList();
  }
}
