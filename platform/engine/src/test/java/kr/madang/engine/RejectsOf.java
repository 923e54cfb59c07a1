package kr.madang.engine;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.arrow.memory.BufferAllocator;

/** Reads what a pipeline that has ended kept aside. */
final class RejectsOf {
  private RejectsOf() {}

  static List<Reject> pipeline(
      BufferAllocator allocator, Path state, String workspace, String pipeline) {
    return new DeadLetters(new Streams(Plant.journals(state).of(workspace), pipeline), allocator)
        .list(Optional.empty(), Optional.empty(), 100).stream()
            .map(letter ->
                new Reject(
                    letter.time(), letter.stage(), letter.why(), letter.rows(), letter.text()))
            .toList();
  }
}
