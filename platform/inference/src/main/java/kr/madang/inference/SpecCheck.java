package kr.madang.inference;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelSpec;
import kr.madang.sdk.model.TensorBinding;

/** Checks what a model declares against its graph. */
final class SpecCheck {
  private final ModelSpec spec;
  private final ModelInfo info;
  private final String model;

  private SpecCheck(ModelSpec spec, ModelInfo info) {
    this.spec = spec;
    this.info = info;
    this.model = spec.name() + "@" + spec.version();
  }

  static Binding bind(ModelSpec spec, ModelInfo info) {
    return new SpecCheck(spec, info).bind();
  }

  private Binding bind() {
    Map<String, TensorBinding> declared = byName(spec.inputs(), info.inputs(), "input");
    List<InputSpec> inputs = new ArrayList<>();
    for (ModelInfo.Signature signature : info.inputs()) {
      TensorBinding binding = declared.get(signature.name());
      if (binding == null) {
        throw misfit(
            "input '%s': the graph needs it, model.yaml declares inputs %s"
                .formatted(
                    signature.name(), spec.inputs().stream().map(TensorBinding::tensor).toList()));
      }
      inputs.add(input(signature, binding));
    }
    Map<String, ModelInfo.Signature> graph = new HashMap<>();
    info.outputs().forEach(signature -> graph.put(signature.name(), signature));
    byName(spec.outputs(), info.outputs(), "output");
    List<OutputSpec> outputs = new ArrayList<>();
    for (TensorBinding binding : spec.outputs().isEmpty() ? allOutputs() : spec.outputs()) {
      ModelInfo.Signature signature = graph.get(binding.tensor());
      if (signature != null) {
        outputs.add(output(signature, binding));
      }
    }
    checkScale(inputs);
    String unrowed = unrowed(inputs);
    return new Binding(
        model, inputs, outputs, spec.scale(), unrowed.isEmpty() ? batch(inputs) : -1, unrowed);
  }

  private List<TensorBinding> allOutputs() {
    return info.outputs().stream()
        .map(output ->
            new TensorBinding(
                output.name(), List.of(), List.of(), "", TensorBinding.OnBad.REJECT, "", ""))
        .toList();
  }

  private Map<String, TensorBinding> byName(
      List<TensorBinding> bindings, List<ModelInfo.Signature> graph, String kind) {
    List<String> names = graph.stream().map(ModelInfo.Signature::name).toList();
    Map<String, TensorBinding> byName = new HashMap<>();
    for (TensorBinding binding : bindings) {
      if (!names.contains(binding.tensor())) {
        throw misfit(
            "%s '%s': model.yaml declares it, the graph has %ss %s"
                .formatted(kind, binding.tensor(), kind, names));
      }
      if (byName.put(binding.tensor(), binding) != null) {
        throw invalid("%s '%s': model.yaml declares it twice".formatted(kind, binding.tensor()));
      }
    }
    return byName;
  }

  private InputSpec input(ModelInfo.Signature signature, TensorBinding binding) {
    String where = "input '" + signature.name() + "'";
    ElementType type = type(signature, binding, where);
    List<Long> shape = shape(signature, binding, where);
    List<String> fields = binding.fields().isEmpty() ? List.of(signature.name()) : binding.fields();
    InputSpec input =
        new InputSpec(
            signature.name(), type, shape, fields, binding.onBad(), units(binding, fields, where));
    Policies.misfit(input, spec.scale())
        .ifPresent(why -> {
          throw invalid(where + ": " + why);
        });
    return input;
  }

  private Map<String, String> units(TensorBinding binding, List<String> fields, String where) {
    Map<String, String> units = new HashMap<>();
    if (!binding.unit().isEmpty()) {
      fields.forEach(field -> units.put(field, binding.unit()));
    }
    binding
        .units()
        .forEach((field, unit) -> {
          if (!fields.contains(field)) {
            throw invalid(
                "%s: units names field '%s', which it is not made from; expected one of %s"
                    .formatted(where, field, fields));
          }
          units.put(field, unit);
        });
    return units;
  }

  private OutputSpec output(ModelInfo.Signature signature, TensorBinding binding) {
    String where = "output '" + signature.name() + "'";
    ElementType type = type(signature, binding, where);
    List<Long> shape = shape(signature, binding, where);
    List<String> fields = binding.fields().isEmpty() ? List.of(signature.name()) : binding.fields();
    return new OutputSpec(signature.name(), type, shape, fields, binding.unit());
  }

  private ElementType type(ModelInfo.Signature signature, TensorBinding binding, String where) {
    if (signature.type().equals("sequence") || signature.type().equals("map")) {
      throw misfit(
          "%s: is a %s, expected a tensor; export without ZipMap (skl2onnx: options={'zipmap': False}) or leave it out of the outputs of model.yaml"
              .formatted(where, signature.type()));
    }
    ElementType type =
        ElementType.labelled(signature.type())
            .orElseThrow(() ->
                misfit(
                    "%s: type %s has no form in Java; put a Cast to float32 or int64 at this place of the graph"
                        .formatted(where, signature.type())));
    if (!binding.type().isEmpty() && !binding.type().equals(type.label())) {
      throw misfit(
          "%s: model.yaml says type %s, the graph has %s"
              .formatted(where, binding.type(), type.label()));
    }
    return type;
  }

  private List<Long> shape(ModelInfo.Signature signature, TensorBinding binding, String where) {
    List<Long> graph = signature.shape();
    List<Long> declared = binding.shape();
    if (declared.isEmpty()) {
      return graph;
    }
    boolean fits = declared.size() == graph.size();
    List<Long> merged = new ArrayList<>();
    for (int i = 0; fits && i < graph.size(); i++) {
      long inGraph = graph.get(i);
      long inSpec = declared.get(i);
      fits = inGraph < 0 || inSpec < 0 || inGraph == inSpec;
      merged.add(inGraph < 0 ? inSpec : inGraph);
    }
    if (!fits) {
      throw misfit(
          "%s: model.yaml says shape %s, the graph has %s"
              .formatted(where, Shapes.text(declared), Shapes.text(graph)));
    }
    return List.copyOf(merged);
  }

  private void checkScale(List<InputSpec> inputs) {
    Set<String> scalable = new HashSet<>();
    Set<String> all = new HashSet<>();
    for (InputSpec input : inputs) {
      all.addAll(input.fields());
      if (input.type().isFloat()) {
        scalable.addAll(input.fields());
      }
    }
    spec.scale()
        .forEach((field, scale) -> {
          if (!scalable.contains(field)) {
            throw invalid(
                all.contains(field)
                    ? "scale of field '%s': its tensor holds integers; expected a float type"
                        .formatted(field)
                    : "scale of field '%s': no input is made from it; the inputs take %s"
                        .formatted(field, all.stream().sorted().toList()));
          }
          if (!(scale.deviation() > 0)
              || !Double.isFinite(scale.deviation())
              || !Double.isFinite(scale.mean())) {
            throw invalid(
                "scale of field '%s': expected a finite mean and a deviation above 0, got %s and %s"
                    .formatted(field, scale.mean(), scale.deviation()));
          }
        });
  }

  /** Why no rows can be run; such a graph still answers callers who bring tensors. */
  private static String unrowed(List<InputSpec> inputs) {
    long batch = -1;
    for (InputSpec input : inputs) {
      if (input.batch() == 0 || (batch > 0 && input.batch() > 0 && input.batch() != batch)) {
        return "input '%s': the first dimension is %d, which no batch of rows fits together with %d"
            .formatted(input.tensor(), input.batch(), batch);
      }
      batch = Math.max(batch, input.batch());
    }
    return "";
  }

  private static long batch(List<InputSpec> inputs) {
    return inputs.stream().mapToLong(InputSpec::batch).max().orElse(-1);
  }

  private PluginException misfit(String what) {
    return new PluginException(ErrorCode.SCHEMA_MISFIT, "model " + model + ", " + what);
  }

  private PluginException invalid(String what) {
    return new PluginException(ErrorCode.CONFIG_INVALID, "model " + model + ", " + what);
  }
}
