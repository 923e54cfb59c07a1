package kr.madang.sdk.source;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
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

  /**
   * The greatest source time among rows that were accepted of this source before it was opened, if
   * there were any with one. What the far side has kept since then can be fetched before going
   * live; only for a {@link SubscribedSource}.
   */
  Optional<Instant> latest();

  /**
   * A transport that all sources of this plugin and workspace share which ask with the same key: it
   * is opened for the first of them and closed behind the last. Given back by the host when the
   * source is closed. A dead one is left to those who have it, and a new one is opened.
   *
   * @param key everything that makes two transports differ; no secret in clear
   * @param open opens it; may block and may fail
   */
  <T extends Connection> T connection(String key, Callable<T> open) throws Exception;

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
