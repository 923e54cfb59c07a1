package kr.madang.engine;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import org.apache.arrow.memory.BufferAllocator;

/** Reads what a pipeline that has ended kept aside. */
final class RejectsOf {
  private RejectsOf() {}

  static List<Reject> pipeline(
      BufferAllocator allocator, Path state, String workspace, String pipeline) {
    PipelineStore store = new PipelineStore(state, workspace, pipeline);
    try (RejectLog log = new RejectLog(store.rejects(), 0, allocator, InstantSource.system())) {
      return log.latest(100);
    }
  }
}
