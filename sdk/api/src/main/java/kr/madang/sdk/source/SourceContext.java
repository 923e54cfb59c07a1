package kr.madang.sdk.source;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import kr.madang.sdk.ProvidedByHost;
import org.apache.arrow.memory.BufferAllocator;
import org.slf4j.Logger;

/** What a source knows of its place. Valid until the source is closed. */
@ProvidedByHost
public interface SourceContext {

  /** The name of the source: {@code workspace/pipeline/source}. */
  String name();

  /** Where to resume: the position up to which rows were accepted before, if there were any. */
  Optional<Position> position();

  /** How long one exchange with the far side may take. */
  Duration timeout();

  /** Where batches live; bounded for the whole pipeline. */
  BufferAllocator allocator();

  /** The time, to be used instead of the system's. */
  InstantSource clock();

  /** A log that carries the name of the source. */
  Logger logger();

  /**
   * Keeps a row that cannot be read, with the reason and where it was found; it counts as received
   * and rejected.
   *
   * @param row the row as it was read, shortened by the host to 4,096 characters
   * @param why place, expected and got: {@code line 17: flow: expected a number, got 'n/a'}
   */
  void reject(String row, String why);
}
