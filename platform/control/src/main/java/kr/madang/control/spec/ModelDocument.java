package kr.madang.control.spec;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.control.config.Binder;
import kr.madang.control.config.Node;
import kr.madang.control.config.Node.Mapping;
import kr.madang.control.config.Node.Scalar;
import kr.madang.control.config.Node.Sequence;
import kr.madang.control.config.Place;
import kr.madang.control.config.Problems;
import kr.madang.inference.Placement;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.model.ModelSpec;
import kr.madang.sdk.model.TensorBinding;

/** The keys of {@code model.yaml}. */
public record ModelDocument(
    @Doc("Name of the model") String name,
    @Doc("Semantic version") String version,
    @Doc("One line for people") @Default("") String description,
    @Doc("Input tensors, by name") Map<String, Input> inputs,
    @Doc("Output tensors that are wanted, by name; without it all") @Default("{}")
        Map<String, Output> outputs,
    @Doc("Standardisation by field") @Default("{}") Map<String, Scale> scale,
    @Doc("Known inputs and outputs") Optional<Golden> golden,
    @Doc("What one run may take; needed by a graph that loops or grows by data")
        Optional<Limits> limits,
    @Doc("What inputs and outputs looked like: a file of reference rows, or statistics")
        Optional<Node> baseline,
    @Doc("When an alarm says that they have moved") Optional<DriftLimits> drift,
    @Doc("Where it runs; on the cores if left out") Optional<Placement> run,
    @Doc("Provider, licence, training data and so on") @Default("{}") Map<String, Node> nameplate) {

  record Input(
      @Doc("Fields that the tensor is made from; without it the tensor's name") @Default("[]")
          List<String> fields,
      @Doc("Shape, n for the batch; without it that of the file") @Default("[]") List<Node> shape,
      @Doc("Element type such as float32; without it that of the file") @Default("") String type,
      @Doc("What happens to a row with a Bad or missing value in it") @Default("reject")
          TensorBinding.OnBad onBad,
      @Doc("UCUM code of all its fields") @Default("") String unit,
      @Doc("UCUM codes by field") @Default("{}") Map<String, String> units,
      @Doc("One line for people") @Default("") String description) {}

  record Output(
      @Doc("Field that the tensor becomes; without it the tensor's name") Optional<String> field,
      @Doc("Fields that its columns become") @Default("[]") List<String> fields,
      @Doc("Shape, n for the batch; without it that of the file") @Default("[]") List<Node> shape,
      @Doc("Element type; without it that of the file") @Default("") String type,
      @Doc("UCUM code") @Default("") String unit,
      @Doc("One line for people") @Default("") String description) {

    Output {
      if (field.isPresent() && !fields.isEmpty()) {
        throw new IllegalArgumentException("say either field or fields, not both");
      }
    }
  }

  record Scale(
      @Doc("In the unit of the field") double mean,
      @Doc("In the unit of the field, above 0") double deviation) {

    Scale {
      if (!(deviation > 0)) {
        throw new IllegalArgumentException("deviation must be above 0, got " + deviation);
      }
    }
  }

  record Golden(
      @Doc("Arrow IPC file beside model.yaml") String file,
      @Doc("Greatest absolute difference") @Default("0.00001") @Range(min = 0) double tolerance) {}

  record Limits(
      @Doc("Bytes of memory beside the weights") @Range(min = 1) long peakBytes,
      @Doc("Milliseconds, after which a run is stopped") @Range(min = 1) long runMillis) {}

  /**
   * Reads a declaration.
   *
   * @throws kr.madang.sdk.error.PluginException CONFIG_INVALID with everything that is wrong
   */
  public static ModelDocument read(Node node, Binder binder) {
    ModelDocument document = binder.bind(node, ModelDocument.class, "");
    document.check(node instanceof Mapping root ? root.place() : Place.NONE);
    return document;
  }

  private void check(Place place) {
    Problems problems = new Problems();
    if (!Names.fits(name)) {
      problems.add(place, "name", "expected " + Names.RULE + ", got '" + name + "'");
    }
    if (!version.matches("[0-9]+\\.[0-9]+\\.[0-9]+([-+][0-9A-Za-z.+-]+)?")) {
      problems.add(place, "version", "expected a version such as 1.2.0, got '" + version + "'");
    }
    if (inputs.isEmpty()) {
      problems.add(place, "inputs", "expected at least one tensor, got none");
    }
    inputs.forEach((tensor, input) -> shape(input.shape(), "inputs." + tensor, problems));
    outputs.forEach((tensor, output) -> shape(output.shape(), "outputs." + tensor, problems));
    problems.throwIfAny();
  }

  private static List<Long> shape(List<Node> nodes, String path, Problems problems) {
    List<Long> shape = new ArrayList<>();
    for (Node node : nodes) {
      String text = node instanceof Scalar scalar ? scalar.text() : "";
      if (text.equals("n") || text.equals("-1")) {
        shape.add(-1L);
      } else if (text.matches("[0-9]{1,12}") && !text.matches("0+")) {
        shape.add(Long.valueOf(text));
      } else {
        problems.add(
            node.place(), path + ".shape", "expected n or a size above 0, got '" + text + "'");
      }
    }
    return shape;
  }

  /** As inference takes it. */
  public ModelSpec spec() {
    Problems ignored = new Problems();
    List<TensorBinding> in = new ArrayList<>();
    inputs.forEach((tensor, input) ->
        in.add(
            new TensorBinding(
                tensor,
                input.fields().isEmpty() ? List.of(tensor) : input.fields(),
                shape(input.shape(), "", ignored),
                input.type(),
                input.onBad(),
                input.unit(),
                input.description(),
                input.units())));
    List<TensorBinding> out = new ArrayList<>();
    outputs.forEach((tensor, output) ->
        out.add(
            new TensorBinding(
                tensor,
                output.field().map(List::of).orElse(output.fields()),
                shape(output.shape(), "", ignored),
                output.type(),
                TensorBinding.OnBad.REJECT,
                output.unit(),
                output.description())));
    var scales = new LinkedHashMap<String, ModelSpec.Scale>();
    scale.forEach(
        (field, value) -> scales.put(field, new ModelSpec.Scale(value.mean(), value.deviation())));
    var plate = new LinkedHashMap<String, String>();
    nameplate.forEach((key, value) -> plate.put(key, text(value)));
    return new ModelSpec(
        name,
        version,
        in,
        out,
        scales,
        golden.map(known -> new ModelSpec.Golden(known.file(), known.tolerance())),
        plate,
        limits.map(known -> new ModelSpec.Limits(known.peakBytes(), known.runMillis())));
  }

  private static String text(Node node) {
    return switch (node) {
      case Scalar scalar -> scalar.text();
      case Sequence list ->
          String.join(", ", list.items().stream().map(ModelDocument::text).toList());
      case Mapping mapping ->
          String.join(
              ", ",
              mapping.entries().entrySet().stream()
                  .map(entry -> entry.getKey() + ": " + text(entry.getValue().value()))
                  .toList());
    };
  }
}
