package kr.madang.plugins.mqtt;

import java.time.Duration;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import kr.madang.sdk.Verification;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkContext;
import kr.madang.sdk.sink.SinkFactory;
import org.apache.arrow.vector.types.pojo.Schema;

/** A Sparkplug B edge node. */
final class SparkplugSink implements SinkFactory<EdgeConfig> {
  // Lives as long as the plugin: the number must differ from one connection of a node to the next.
  private static final ConcurrentHashMap<String, AtomicInteger> BIRTHS = new ConcurrentHashMap<>();

  @Override
  public String name() {
    return "sparkplug";
  }

  @Override
  public String title() {
    return "Sparkplug B edge node";
  }

  @Override
  public Class<EdgeConfig> config() {
    return EdgeConfig.class;
  }

  @Override
  public void check(EdgeConfig config, Schema in) {
    if (!Samples.matches(in)) {
      Cells.check(in);
    }
  }

  @Override
  public Sink open(EdgeConfig config, Schema in, SinkContext context) throws InterruptedException {
    check(config, in);
    Duration timeout = config.broker().timeout().orElse(context.timeout());
    String node = config.broker().target() + "/" + config.group() + "/" + config.node();
    int bdSeq = BIRTHS.computeIfAbsent(node, _ -> new AtomicInteger()).getAndIncrement() & 0xFF;
    return EdgeSession.open(config, context, timeout, bdSeq);
  }

  @Override
  public void verify(EdgeConfig config, Verification verification) {
    BrokerCheck.reach(config.broker(), verification);
    verification.step(
        "log in to " + config.broker().target(),
        () -> BrokerCheck.connect(config.broker(), new Inbox(1, 1)).close());
  }
}
