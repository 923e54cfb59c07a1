package kr.madang.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kr.madang.inference.Accelerators;
import kr.madang.inference.LoadedModel;
import kr.madang.inference.ModelInfo;
import kr.madang.sdk.model.ModelSpec;
import kr.madang.sdk.model.TensorBinding;

/** The models that plugins bring. */
public final class Models {
  private final Guard guard;
  private final ModelRoom room;

  Models(Guard guard, ModelRoom room) {
    this.guard = guard;
    this.room = room;
  }

  /** All versions of all models, by name and version; models in code once their plugin started. */
  public List<ModelView> list(Caller caller) {
    guard.requireEverywhere(caller, Role.VIEWER);
    return views();
  }

  /** What models can be run on here, and what they do run on. */
  public RuntimeView runtime(Caller caller) {
    guard.requireEverywhere(caller, Role.VIEWER);
    List<RuntimeView.Placed> placed = new ArrayList<>();
    for (ModelRoom.Declared declared : room.declared()) {
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

  private ModelView view(ModelRoom.Declared declared) {
    Optional<LoadedModel> loaded = room.loaded(declared.key());
    String reason = declared.error().isEmpty() ? room.refusal(declared.key()) : declared.error();
    String state = loaded.isPresent() ? "loaded" : reason.isEmpty() ? "declared" : "refused";
    ModelSpec spec = declared.spec();
    List<TensorBinding> in = spec == null ? List.of() : spec.inputs();
    List<TensorBinding> out = spec == null ? List.of() : spec.outputs();
    return new ModelView(
        declared.name(),
        declared.version(),
        declared.plugin().toString(),
        state,
        loaded.isPresent() ? "" : reason,
        declared.description(),
        ports(in, loaded.map(model -> model.info().inputs()).orElse(List.of())),
        ports(out, loaded.map(model -> model.info().outputs()).orElse(List.of())));
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
