package kr.madang.control;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kr.madang.control.spec.ModelDocument;
import kr.madang.control.store.Store;
import kr.madang.host.HostError;
import kr.madang.host.ModelStore;
import kr.madang.host.StagedModel;
import kr.madang.host.StoredModel;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** Models that come without a plugin: taken in, and taken out again. */
public final class Uploads {
  private final Guard guard;
  private final Store store;
  private final ModelStore uploads;
  private final ModelRoom room;
  private final Imports imports;
  private final Models models;
  private final Serving serving;
  private final Rollouts rollouts;
  private final Reconciler reconciler;
  private final Pins pins;
  private final boolean safe;

  Uploads(
      Guard guard,
      Store store,
      ModelStore uploads,
      ModelRoom room,
      Imports imports,
      Models models,
      Serving serving,
      Rollouts rollouts,
      Reconciler reconciler,
      Pins pins,
      boolean safe) {
    this.guard = guard;
    this.store = store;
    this.uploads = uploads;
    this.room = room;
    this.imports = imports;
    this.models = models;
    this.serving = serving;
    this.rollouts = rollouts;
    this.reconciler = reconciler;
    this.pins = pins;
    this.safe = safe;
  }

  /**
   * What an upload came to.
   *
   * @param fresh false if the same model was there already
   */
  public record Uploaded(Models.Details model, boolean fresh) {}

  /**
   * Takes a model in: {@code model.yaml}, {@code model.onnx}, the files of its weights, golden
   * samples. It is examined first, so this takes seconds, and up to six minutes.
   *
   * @param zip as a door has written it to the disk
   * @throws PluginException MODEL_REFUSED or CONFIG_INVALID with all that is wrong; CONFLICT when
   *     another model of this name and version is there; STORAGE when the disk is full
   */
  public Uploaded upload(Caller caller, Path zip) {
    guard.requireEverywhere(caller, Role.OPERATOR);
    if (safe) {
      throw SafeMode.refusal("an upload of a model");
    }
    try (StagedModel staged = uploads.stage(zip)) {
      ModelDocument document = declaration(staged.folder());
      Declared declared = declared(document, staged.folder(), staged.digest());
      if (holds(document, staged.digest())) {
        return new Uploaded(models.get(caller, document.name(), document.version()), false);
      }
      Optional<String> clash = room.clash(declared);
      if (clash.isPresent()) {
        throw new PluginException(ControlError.CONFLICT, clash.get());
      }
      String report = imports.examine(document.spec(), staged.folder(), staged.digest());
      StoredModel kept = uploads.keep(staged, document.name(), document.version(), report);
      imports.kept(declared, kept.report());
      room.forget(declared.key());
      store.transaction(rows -> {
        guard.note(rows, caller, "model.upload", ref(document), kept.digest());
        return true;
      });
      changed();
      return new Uploaded(models.get(caller, document.name(), document.version()), true);
    } catch (PluginException e) {
      throw e.code().equals(HostError.CONFLICT)
          ? new PluginException(ControlError.CONFLICT, String.valueOf(e.getMessage()), e)
          : e;
    }
  }

  static ModelDocument declaration(Path folder) {
    try {
      return ModelFolder.read(folder);
    } catch (PluginException e) {
      throw new PluginException(e.code(), ModelFolder.DECLARATION + ": " + e.getMessage(), e);
    }
  }

  private boolean holds(ModelDocument document, String digest) {
    return uploads.holds(document.name(), document.version(), digest);
  }

  private static Declared declared(ModelDocument document, Path folder, String digest) {
    return new Declared(
        new Origin.Upload(digest),
        digest,
        document.name(),
        document.version(),
        document.description(),
        Optional.of(folder),
        document.spec(),
        "");
  }

  private static String ref(ModelDocument document) {
    return document.name() + "@" + document.version();
  }

  /**
   * Deletes a version that was uploaded; calls of it that are under way end well.
   *
   * @throws PluginException CONFLICT naming the aliases, the change of version or the pipelines
   *     that use it, or the plugin that brings it; NOT_FOUND
   */
  public void delete(Caller caller, String name, String version) {
    guard.requireEverywhere(caller, Role.OPERATOR);
    List<Declared> named = new ArrayList<>();
    for (Declared one : room.declared()) {
      if (one.name().equals(name) && one.version().equals(version)) {
        named.add(one);
      }
    }
    Declared uploaded =
        named.stream()
            .filter(one -> one.origin().plugin().isEmpty())
            .findFirst()
            .orElseThrow(() -> absent(name, version, named));
    refuseIfUsed(uploaded, named.size() == 1);
    if (named.size() == 1) {
      pins.remove(caller, name, version);
    }
    uploads.remove(name, version);
    serving.release(uploaded.origin());
    imports.forget(uploaded);
    room.tidy();
    room.forget(uploaded.key());
    store.transaction(rows -> {
      guard.note(rows, caller, "model.delete", name + "@" + version, uploaded.digest());
      return true;
    });
    changed();
  }

  private static PluginException absent(String name, String version, List<Declared> named) {
    return named.isEmpty()
        ? new PluginException(ErrorCode.NOT_FOUND, "there is no model " + name + "@" + version)
        : new PluginException(
            ControlError.CONFLICT,
            "model %s@%s is brought by %s: uninstall that"
                .formatted(name, version, named.getFirst().origin()));
  }

  /** Names may go on to stand for what a plugin brings, a pipeline has been made with this one. */
  private void refuseIfUsed(Declared model, boolean alone) {
    List<String> users = new ArrayList<>();
    if (alone) {
      users.addAll(rollouts.users(model.name(), model.version()));
    }
    reconciler
        .modelUsers(model.name() + "@" + model.version(), model.digest())
        .forEach(one -> users.add("pipeline " + one));
    if (!users.isEmpty()) {
      throw new PluginException(
          ControlError.CONFLICT,
          "model %s@%s cannot be deleted while it is used by %s"
              .formatted(model.name(), model.version(), String.join(", ", users)));
    }
  }

  private void changed() {
    serving.changed();
    reconciler.worldChanged();
  }
}
