package kr.madang.sdk.sink;

import java.time.Duration;
import java.time.InstantSource;
import java.util.BitSet;
import kr.madang.sdk.ProvidedByHost;
import kr.madang.sdk.batch.Batch;
import org.apache.arrow.memory.BufferAllocator;
import org.slf4j.Logger;

/** What a sink knows of its place. Valid until the sink is closed. */
@ProvidedByHost
public interface SinkContext {

  /** The name of the sink: {@code workspace/pipeline/sink}. */
  String name();

  /** How long one exchange with the far side may take. */
  Duration timeout();

  /** Where batches live; bounded for the whole pipeline. */
  BufferAllocator allocator();

  /** The time, to be used instead of the system's. */
  InstantSource clock();

  /** A log that carries the name of the sink. */
  Logger logger();

  /** Keeps rows that the far side will never take, with the reason. */
  void reject(Batch batch, BitSet rows, String why);
}
