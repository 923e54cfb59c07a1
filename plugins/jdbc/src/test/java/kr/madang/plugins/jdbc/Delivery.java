package kr.madang.plugins.jdbc;

import java.util.function.IntConsumer;
import java.util.function.LongFunction;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.testkit.FakeSinkContext;
import org.jspecify.annotations.Nullable;

/** Does to a sink what the host does: after a failure that can pass, close, open, write again. */
final class Delivery implements AutoCloseable {
  private final SinkConfig config;
  private final FakeSinkContext context;
  private @Nullable Sink sink;
  int failures;
  IntConsumer onFailure = _ -> {};

  Delivery(SinkConfig config, FakeSinkContext context) {
    this.config = config;
    this.context = context;
  }

  void write(LongFunction<Batch> batches, long number) throws Exception {
    try (Batch batch = batches.apply(number)) {
      long end = System.nanoTime() + 60_000_000_000L;
      while (true) {
        try {
          Sink open = sink;
          if (open == null) {
            open = new JdbcSink().open(config, Samples.SCHEMA, context);
            sink = open;
          }
          open.write(batch);
          return;
        } catch (PluginException e) {
          if (!e.code().retriable() || System.nanoTime() > end) {
            throw e;
          }
          onFailure.accept(++failures);
          close();
        }
      }
    }
  }

  @Override
  public void close() throws Exception {
    Sink open = sink;
    sink = null;
    if (open != null) {
      open.close();
    }
  }
}
