package kr.madang.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import kr.madang.sdk.testkit.Await;
import org.apache.arrow.memory.BufferAllocator;

/** Reads what a pipeline that has ended kept aside. */
final class RejectsOf {
  private RejectsOf() {}

  static List<Reject> pipeline(
      BufferAllocator allocator, Path state, String workspace, String pipeline) throws Exception {
    Streams streams = new Streams(Plant.journals(state).of(workspace), pipeline);
    // They are written beside the pipeline, which does not wait for them.
    Await.until(
        "what was kept aside is safe",
        () -> streams.journal().streams().stream().allMatch(each -> each.forced() >= each.next()));
    return new DeadLetters(streams, allocator)
        .list(Optional.empty(), Optional.empty(), 100).stream()
            .map(letter ->
                new Reject(
                    letter.time(), letter.stage(), letter.why(), letter.rows(), letter.text()))
            .toList();
  }
}
