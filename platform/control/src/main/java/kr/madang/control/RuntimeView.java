package kr.madang.control;

import java.util.List;
import kr.madang.inference.Accelerators;

/**
 * What models can be run on here, and what they do run on.
 *
 * @param providers all that there could be
 * @param models those in memory
 */
public record RuntimeView(List<Accelerators.Found> providers, List<Placed> models) {
  /** Makes the lists unmodifiable. */
  public RuntimeView {
    providers = List.copyOf(providers);
    models = List.copyOf(models);
  }

  /**
   * A model in memory.
   *
   * @param wanted where it is to run, such as {@code cuda:0}
   * @param place where it runs
   * @param reason why it does not run where it was wanted; empty if it does
   */
  public record Placed(String name, String version, String wanted, String place, String reason) {}
}
