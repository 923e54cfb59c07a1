package kr.madang.plugins.mqtt;

import java.util.concurrent.atomic.AtomicInteger;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.source.SampleEmitter;
import kr.madang.sdk.source.SubscribedSource;
import kr.madang.sdk.testkit.FakeSourceContext;
import org.apache.arrow.memory.BufferAllocator;

/** Lives in the class loader of the plugin and uses it once, on the thread that calls. */
final class Behind {
  private Behind() {}

  static void run(int port, BufferAllocator allocator) throws Exception {
    SourceConfig config =
        Configs.source(
            Configs.broker(port, Version.MQTT5),
            Configs.json("p/+", "p", Configs.reading("/v", "p")));
    AtomicInteger rows = new AtomicInteger();
    SubscribedSource source =
        (SubscribedSource) new MqttSource().open(config, new FakeSourceContext(allocator));
    try (SampleWriter writer = new SampleWriter(allocator)) {
      source.run(
          new SampleEmitter() {
            @Override
            public void emit(long token, java.util.function.Consumer<SampleWriter> write) {
              write.accept(writer);
              rows.addAndGet(writer.rows());
              writer.take().close();
            }

            @Override
            public boolean stopping() {
              return rows.get() > 0;
            }

            @Override
            public void awaitStop() {}
          });
    } finally {
      source.close();
    }
  }
}
