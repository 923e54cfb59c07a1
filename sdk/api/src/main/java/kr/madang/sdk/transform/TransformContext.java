package kr.madang.sdk.transform;

import kr.madang.sdk.ProvidedByHost;
import org.apache.arrow.memory.BufferAllocator;
import org.slf4j.Logger;

/** What a step knows of its place. Time is what the rows say; there is no other clock. */
@ProvidedByHost
public interface TransformContext {

  /** The name of the step: {@code workspace/pipeline/step}. */
  String name();

  /** Where batches live; bounded for the whole pipeline. */
  BufferAllocator allocator();

  /** A log that carries the name of the step. */
  Logger logger();
}
