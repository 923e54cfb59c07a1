package kr.madang.inference;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** Whether loose tensors fit the graph of a model, said with tensor, expected and got. */
final class TensorCheck {
  private final String model;
  private final ModelInfo info;

  TensorCheck(String model, ModelInfo info) {
    this.model = model;
    this.info = info;
  }

  Checked check(Call call, List<ModelInfo.Signature> outputs) {
    List<Tensor> given = call.inputs();
    List<ModelInfo.Signature> needed = info.inputs();
    List<Tensor> ordered = new ArrayList<>(needed.size());
    if (given.size() == 1 && needed.size() == 1 && names(given, needed, 0)) {
      ordered.add(given.getFirst());
    } else {
      inOrder(given, needed, ordered);
    }
    long rows = -1;
    String first = "";
    for (int i = 0; i < ordered.size(); i++) {
      Tensor tensor = ordered.get(i);
      ModelInfo.Signature input = needed.get(i);
      fits(tensor, input);
      if (!input.shape().isEmpty() && input.shape().getFirst() < 0) {
        long mine = tensor.shape()[0];
        if (rows >= 0 && rows != mine && sameBatch(input, needed, first)) {
          throw misfit(
              "input '%s': expected %d rows as input '%s' has, got %d"
                  .formatted(input.name(), rows, first, mine));
        }
        if (rows < 0) {
          rows = mine;
          first = input.name();
        }
      }
    }
    return new Checked(ordered, wanted(call.outputs(), outputs), rows < 0 ? 1 : rows);
  }

  private static boolean names(List<Tensor> given, List<ModelInfo.Signature> needed, int at) {
    return given.get(at).name().equals(needed.get(at).name());
  }

  /** Two dimensions of one symbol are the same number. */
  private static boolean sameBatch(
      ModelInfo.Signature input, List<ModelInfo.Signature> all, String first) {
    String symbol = symbol(input);
    for (ModelInfo.Signature other : all) {
      if (other.name().equals(first)) {
        return !symbol.isEmpty() && symbol.equals(symbol(other));
      }
    }
    return false;
  }

  private static String symbol(ModelInfo.Signature signature) {
    return signature.symbols().isEmpty() ? "" : signature.symbols().getFirst();
  }

  private void inOrder(List<Tensor> given, List<ModelInfo.Signature> needed, List<Tensor> ordered) {
    Map<String, Tensor> byName = new LinkedHashMap<>();
    for (Tensor tensor : given) {
      if (byName.put(tensor.name(), tensor) != null) {
        throw misfit("input '%s' is given twice".formatted(tensor.name()));
      }
    }
    Set<String> got = Set.copyOf(byName.keySet());
    List<String> names = needed.stream().map(ModelInfo.Signature::name).toList();
    List<String> missing = new ArrayList<>(names);
    missing.removeAll(got);
    if (!missing.isEmpty() || got.size() != names.size()) {
      throw misfit(
          "expected inputs %s, got %s, missing %s".formatted(names, byName.keySet(), missing));
    }
    for (String name : names) {
      Tensor tensor = byName.get(name);
      if (tensor != null) {
        ordered.add(tensor);
      }
    }
  }

  private int[] wanted(List<String> asked, List<ModelInfo.Signature> outputs) {
    if (asked.isEmpty()) {
      int[] all = new int[outputs.size()];
      for (int i = 0; i < all.length; i++) {
        all[i] = i;
      }
      return all;
    }
    int[] wanted = new int[asked.size()];
    for (int i = 0; i < wanted.length; i++) {
      wanted[i] = -1;
      for (int j = 0; j < outputs.size(); j++) {
        if (outputs.get(j).name().equals(asked.get(i))) {
          wanted[i] = j;
        }
      }
      if (wanted[i] < 0) {
        throw misfit(
            "there is no output '%s'; it has %s"
                .formatted(asked.get(i), outputs.stream().map(ModelInfo.Signature::name).toList()));
      }
      for (int j = 0; j < i; j++) {
        if (wanted[j] == wanted[i]) {
          throw misfit("output '%s' is asked for twice".formatted(asked.get(i)));
        }
      }
    }
    return wanted;
  }

  private void fits(Tensor tensor, ModelInfo.Signature input) {
    if (!tensor.type().equals(input.type())) {
      throw misfit(
          "input '%s': expected type %s, got %s"
              .formatted(input.name(), input.type(), tensor.type()));
    }
    ElementType type =
        ElementType.labelled(tensor.type())
            .orElseThrow(() -> misfit("input '%s': no type %s".formatted(input.name(), "")));
    long[] shape = tensor.shape();
    List<Long> expected = input.shape();
    boolean fits = shape.length == expected.size();
    for (int i = 0; fits && i < shape.length; i++) {
      long dimension = expected.get(i);
      fits = shape[i] >= 0 && (dimension < 0 || dimension == shape[i]);
    }
    if (!fits) {
      throw misfit(
          "input '%s': expected shape %s, got %s"
              .formatted(input.name(), Shapes.text(expected), Shapes.text(shape)));
    }
    long elements;
    try {
      elements = Shapes.product(shape);
    } catch (ArithmeticException e) {
      throw misfit("input '%s': shape %s is too large".formatted(input.name(), Shapes.text(shape)));
    }
    int bytes = tensor.data().remaining();
    if (type != ElementType.STRING
        && (elements > Integer.MAX_VALUE || elements * type.size != bytes)) {
      throw misfit(
          "input '%s': shape %s of %s takes %s bytes, got %d"
              .formatted(
                  input.name(),
                  Shapes.text(shape),
                  type.label(),
                  elements > Integer.MAX_VALUE ? "too many" : elements * type.size,
                  bytes));
    }
  }

  private PluginException misfit(String what) {
    return new PluginException(ErrorCode.SCHEMA_MISFIT, "model " + model + ": " + what);
  }
}
