package kr.madang.sdk.testkit;

import kr.madang.sdk.transform.TransformContext;
import org.apache.arrow.memory.BufferAllocator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A context for a transform that a test opens by hand.
 *
 * @param allocator of the test
 */
public record FakeTransformContext(BufferAllocator allocator) implements TransformContext {

  @Override
  public String name() {
    return "default/test/step";
  }

  @Override
  public Logger logger() {
    return LoggerFactory.getLogger(name());
  }
}
