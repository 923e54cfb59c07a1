package kr.madang.inference.onnx;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Looks a model over without running it: everything that speaks against it, at once. */
public final class Inspection {
  private Inspection() {}

  /**
   * Looks over what somebody brings.
   *
   * @param folder with the external data
   * @param grown the bytes that one tensor may have which is made within the graph
   * @param declared whether the model says how much memory and time it may take, so that tensors
   *     may grow by data
   */
  public static List<Reason> strange(OnnxModel model, Path folder, long grown, boolean declared) {
    List<Reason> reasons = known(model, folder, true);
    if (model.metadata().keySet().stream().anyMatch(key -> key.startsWith(Rewrite.MARK))) {
      reasons.add(
          new Reason(
              "metadata",
              "no keys that start with '" + Rewrite.MARK + "'",
              "such a key, which only the import writes"));
    }
    reasons.addAll(new Growth(model, grown, declared).refused());
    return reasons;
  }

  /** Looks over a file that is about to be loaded, whoever has made it. */
  public static List<Reason> before(OnnxModel model, Path folder) {
    return known(model, folder, false);
  }

  private static List<Reason> known(OnnxModel model, Path folder, boolean strange) {
    List<Reason> reasons = new ArrayList<>();
    reasons.addAll(Operators.refused(model));
    reasons.addAll(DataFiles.refused(model, folder, strange));
    return reasons;
  }
}
