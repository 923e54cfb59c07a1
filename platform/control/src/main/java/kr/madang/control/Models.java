package kr.madang.control;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.host.PluginRef;
import kr.madang.inference.Accelerators;
import kr.madang.inference.LoadedModel;
import kr.madang.inference.ModelInfo;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelSpec;
import kr.madang.sdk.model.TensorBinding;

/** The models that plugins bring, and those that were uploaded. */
public final class Models {
  private final Guard guard;
  private final ModelRoom room;
  private final Serving serving;
  private final Pins pins;

  Models(Guard guard, ModelRoom room, Serving serving, Pins pins) {
    this.guard = guard;
    this.room = room;
    this.serving = serving;
    this.pins = pins;
  }

  /**
   * One version of a model with all that is known of it.
   *
   * @param report what was found about it before it might serve; empty for one that was not
   *     examined
   */
  public record Details(ModelView view, Optional<JsonNode> report) {}

  /** All versions of all models, by name and version; models in code once their plugin started. */
  public List<ModelView> list(Caller caller) {
    guard.requireEverywhere(caller, Role.VIEWER);
    return views();
  }

  /** Models that are examined just now, oldest first. */
  public List<ExaminationView> examinations(Caller caller) {
    guard.requireEverywhere(caller, Role.VIEWER);
    return room.examinations();
  }

  /** What models can be run on here, and what they do run on. */
  public RuntimeView runtime(Caller caller) {
    guard.requireEverywhere(caller, Role.VIEWER);
    List<RuntimeView.Placed> placed = new ArrayList<>();
    for (Declared declared : room.declared()) {
      room.loaded(declared.key())
          .ifPresent(model ->
              placed.add(
                  new RuntimeView.Placed(
                      declared.name(),
                      declared.version(),
                      room.wanted(declared).place(),
                      model.placement().place(),
                      model.fallback())));
    }
    return new RuntimeView(Accelerators.look(), placed);
  }

  List<ModelView> views() {
    return room.declared().stream().map(this::view).toList();
  }

  /**
   * One version; where it comes from several places, the upload.
   *
   * @throws PluginException NOT_FOUND
   */
  public Details get(Caller caller, String name, String version) {
    guard.requireEverywhere(caller, Role.VIEWER);
    return details(found(name, version));
  }

  Details details(Declared declared) {
    return new Details(view(declared), room.report(declared));
  }

  private Declared found(String name, String version) {
    return room.declared().stream()
        .filter(one -> one.name().equals(name) && one.version().equals(version))
        .min(Comparator.comparing(one -> one.origin().plugin().isPresent()))
        .orElseThrow(() ->
            new PluginException(ErrorCode.NOT_FOUND, "there is no model " + name + "@" + version));
  }

  /**
   * Loads a version and keeps it in memory, now and after each restart.
   *
   * @throws PluginException NOT_FOUND; why it cannot be loaded
   */
  public Details pin(Caller caller, String name, String version) {
    guard.requireEverywhere(caller, Role.OPERATOR);
    Declared declared = found(name, version);
    serving.loaded(name, version);
    pins.add(caller, name, version);
    return details(declared);
  }

  /** Lets a version go when its time has come, as others. */
  public void unpin(Caller caller, String name, String version) {
    guard.requireEverywhere(caller, Role.OPERATOR);
    if (!pins.remove(caller, name, version)) {
      throw new PluginException(
          ErrorCode.NOT_FOUND, "model " + name + "@" + version + " is not pinned");
    }
  }

  private ModelView view(Declared declared) {
    Optional<LoadedModel> loaded = room.loaded(declared.key());
    String reason = declared.error().isEmpty() ? room.refusal(declared.key()) : declared.error();
    String state = loaded.isPresent() ? "loaded" : reason.isEmpty() ? "declared" : "refused";
    ModelSpec spec = declared.spec();
    List<TensorBinding> in = spec == null ? List.of() : spec.inputs();
    List<TensorBinding> out = spec == null ? List.of() : spec.outputs();
    Optional<PluginRef> plugin = declared.origin().plugin();
    return new ModelView(
        declared.name(),
        declared.version(),
        plugin.isPresent() ? "plugin" : "upload",
        plugin.map(PluginRef::toString).orElse(""),
        declared.digest(),
        state,
        loaded.isPresent() ? "" : reason,
        pins.has(declared.name(), declared.version()),
        room.bytes(declared),
        declared.description(),
        ports(in, loaded.map(model -> model.info().inputs()).orElse(List.of())),
        ports(out, loaded.map(model -> model.info().outputs()).orElse(List.of())),
        spec == null ? Map.of() : spec.nameplate());
  }

  /** What was declared, filled up with what the file says. */
  private static List<ModelView.Port> ports(
      List<TensorBinding> bindings, List<ModelInfo.Signature> file) {
    if (bindings.isEmpty()) {
      return file.stream()
          .map(known ->
              new ModelView.Port(
                  known.name(), List.of(known.name()), known.shape(), known.type(), ""))
          .toList();
    }
    return bindings.stream()
        .map(binding -> {
          Optional<ModelInfo.Signature> known =
              file.stream().filter(tensor -> tensor.name().equals(binding.tensor())).findFirst();
          return new ModelView.Port(
              binding.tensor(),
              binding.fields().isEmpty() ? List.of(binding.tensor()) : binding.fields(),
              binding.shape().isEmpty()
                  ? known.map(ModelInfo.Signature::shape).orElse(List.of())
                  : binding.shape(),
              binding.type().isEmpty()
                  ? known.map(ModelInfo.Signature::type).orElse("")
                  : binding.type(),
              binding.unit());
        })
        .toList();
  }
}
