package kr.madang.plugins.mqtt;

import java.time.Duration;
import kr.madang.sdk.Verification;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkContext;
import kr.madang.sdk.sink.SinkFactory;
import org.apache.arrow.vector.types.pojo.Schema;

/** Publishes samples or frames to a broker. */
final class MqttSink implements SinkFactory<SinkConfig> {
  private static final int MAX_PACKET = 1 << 20;

  @Override
  public String name() {
    return "mqtt";
  }

  @Override
  public String title() {
    return "MQTT broker";
  }

  @Override
  public Class<SinkConfig> config() {
    return SinkConfig.class;
  }

  @Override
  public void check(SinkConfig config, Schema in) {
    boolean samples = Samples.matches(in);
    for (String name : Template.of("topic", config.topic()).placeholders()) {
      boolean fits =
          samples
              ? name.equals("tag")
              : config.payload() == SinkPayload.RAW && name.equals("field");
      if (!fits) {
        throw new PluginException(
            ErrorCode.SCHEMA_MISFIT,
            "topic: expected "
                + (samples
                    ? "{tag}, since samples come in"
                    : "{field} with payload: raw, since frames come in")
                + ", got {"
                + name
                + "}");
      }
    }
    if (!samples) {
      Cells.check(in);
    }
  }

  @Override
  public Sink open(SinkConfig config, Schema in, SinkContext context) throws InterruptedException {
    check(config, in);
    Duration timeout = config.broker().timeout().orElse(context.timeout());
    Transport transport =
        Transport.open(
            config.broker(),
            Session.passing(
                config.broker().clientId(context.name()),
                config.will().map(Will::message),
                MAX_PACKET),
            timeout,
            message -> message.receipt().run());
    return new Publishing(
        config, context, transport, new Window(transport, config.inFlight(), timeout));
  }

  @Override
  public void verify(SinkConfig config, Verification verification) {
    BrokerCheck.reach(config.broker(), verification);
    verification.step(
        "log in to " + config.broker().target(),
        () -> BrokerCheck.connect(config.broker(), new Inbox(1, 1)).close());
  }
}
