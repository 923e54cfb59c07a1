package kr.madang.control;

import java.util.Optional;
import kr.madang.engine.PipelineStatus;

/** What people were told last about the trouble of one run, so that each is told once. */
final class Trouble {
  private String told = "";

  /** What is new: why the pipeline is degraded, or nothing but that it is well again. */
  Optional<String> news(PipelineStatus now) {
    String why =
        switch (now.phase()) {
          case DEGRADED -> now.reason();
          case RUNNING -> "";
          default -> told;
        };
    if (why.equals(told)) {
      return Optional.empty();
    }
    told = why;
    return Optional.of(why);
  }
}
