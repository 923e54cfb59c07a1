package kr.madang.sdk.testkit;

import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Gives each test an Arrow allocator of its own and fails the test if anything is left in it. */
public final class TestAllocator implements BeforeEachCallback, AfterEachCallback {
  private @Nullable RootAllocator allocator;

  /** The allocator of the running test. */
  public BufferAllocator get() {
    if (allocator == null) {
      throw new IllegalStateException("only inside a test; register with @RegisterExtension");
    }
    return allocator;
  }

  @Override
  public void beforeEach(ExtensionContext context) {
    allocator = new RootAllocator(1L << 30);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    RootAllocator used = allocator;
    allocator = null;
    if (used != null && context.getExecutionException().isEmpty()) {
      used.close();
    }
  }
}
