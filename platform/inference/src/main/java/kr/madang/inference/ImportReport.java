package kr.madang.inference;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was found when a model was examined before it may serve. Times are microseconds, sizes are
 * bytes.
 *
 * @param irVersion of the file format
 * @param producer the tool that wrote the file, with its version; may be empty
 * @param opsets version by operator set; the standard one is {@code ai.onnx}
 * @param operators what the graph is made of, the most frequent first
 * @param inputs as callers see them
 * @param outputs as callers see them
 * @param casts inputs whose type Java has no carrier for, so that the graph was changed
 * @param maps outputs that were lists of maps and are tensors now
 * @param dataFiles files beside the model that hold weights
 * @param weights constant tensors
 * @param curve how long runs take, by rows, fewest first; empty where input cannot be made up
 * @param memory that the model takes
 * @param longest the node that takes longest; empty where input cannot be made up
 * @param times of loading and of the first runs
 * @param settings with which it is loaded
 * @param golden how the golden samples went; empty without any
 * @param warnings for people; the model serves all the same
 * @param refusals why it may not serve; empty if it may
 */
public record ImportReport(
    long irVersion,
    String producer,
    Map<String, Long> opsets,
    List<Operator> operators,
    List<ModelInfo.Signature> inputs,
    List<ModelInfo.Signature> outputs,
    List<Carried> casts,
    List<Unzipped> maps,
    List<DataFile> dataFiles,
    Constants weights,
    List<BatchTime> curve,
    Memory memory,
    Optional<LongestNode> longest,
    Times times,
    Settings settings,
    Optional<GoldenResult> golden,
    List<String> warnings,
    List<Refusal> refusals) {

  /** An operator and how often it is there. */
  public record Operator(String domain, String name, long count) {}

  /** An input whose elements travel as another type of the same size, bit for bit. */
  public record Carried(String input, String type, String carrier) {}

  /** A ZipMap that was taken out; the labels stand in the order of the columns. */
  public record Unzipped(String output, List<String> labels) {}

  /** A file beside the model. */
  public record DataFile(String name, long bytes) {}

  /** The constant tensors together. */
  public record Constants(long count, long bytes) {}

  /**
   * How long a run takes.
   *
   * @param micros the median of some runs
   */
  public record BatchTime(long rows, double micros, int runs) {}

  /**
   * What the model takes; 0 where the machine does not tell.
   *
   * @param fileBytes of all files that are loaded
   * @param residentBytes more in the process after loading and the first run; of other work that
   *     goes on at the time too
   * @param privateBytes the part of it that no other session or process shares
   * @param peakBytes more than that at the worst moment of the trial
   * @param estimateBytes what admission reckons with
   */
  public record Memory(
      long fileBytes, long residentBytes, long privateBytes, long peakBytes, long estimateBytes) {}

  /**
   * The node that takes longest in runs of one row.
   *
   * @param micros at the most
   * @param share of all nodes, 0 to 1
   * @param cancellable whether a run stops soon when it is asked to: it does so between two nodes
   *     only, so that one that takes 50 ms or more holds it up
   */
  public record LongestNode(
      String name, String operator, double micros, double share, boolean cancellable) {}

  /**
   * Of loading and running.
   *
   * @param coldLoadMicros from the file to a session
   * @param firstRunMicros of the first run
   * @param warmRunMicros of later ones of the same size
   */
  public record Times(double coldLoadMicros, double firstRunMicros, double warmRunMicros) {}

  /**
   * How it is loaded.
   *
   * @param arena whether the session keeps memory between runs
   * @param optimised whether the graph was optimised once and for all
   * @param prepacked whether the weights are mapped from a file as the kernels want them, so that
   *     sessions share them
   */
  public record Settings(String provider, boolean arena, boolean optimised, boolean prepacked) {}

  /** The golden samples. */
  public record GoldenResult(long samples, double worst, double tolerance) {}

  /** Why a model may not serve: at a tensor, an operator or a file. */
  public record Refusal(String where, String expected, String got) {
    /** In one line. */
    public String text() {
      return "%s: expected %s, got %s".formatted(where, expected, got);
    }
  }

  /** Makes the collections unmodifiable. */
  public ImportReport {
    opsets = Map.copyOf(opsets);
    operators = List.copyOf(operators);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    casts = List.copyOf(casts);
    maps = List.copyOf(maps);
    dataFiles = List.copyOf(dataFiles);
    curve = List.copyOf(curve);
    warnings = List.copyOf(warnings);
    refusals = List.copyOf(refusals);
  }
}
