package kr.madang.plugins.modbus;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import kr.madang.sdk.Verification;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.PolledSource;
import kr.madang.sdk.source.Source;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.source.Tag;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** Reads registers of Modbus TCP devices. */
final class ModbusSource implements SourceFactory<ModbusConfig> {
  private static final Duration VERIFY_TIMEOUT = Duration.ofSeconds(5);
  private static final int NAMED_FAILURES = 20;

  @Override
  public String name() {
    return "modbus";
  }

  @Override
  public String title() {
    return "Modbus TCP device";
  }

  @Override
  public Class<ModbusConfig> config() {
    return ModbusConfig.class;
  }

  @Override
  public List<Tag> tags(ModbusConfig config) {
    return config.allRegisters().stream()
        .map(register -> new Tag(register.tag(), register.unit(), register.description()))
        .toList();
  }

  @Override
  public Source open(ModbusConfig config, SourceContext context) throws InterruptedException {
    List<Request> plan = ReadPlan.of(config);
    Duration timeout = config.timeout().orElse(context.timeout());
    Connection connection = Connection.open(config.host(), config.port(), config.target(), timeout);
    return new Polling(
        plan,
        new Poller(plan, connection, config.target(), timeout, System::nanoTime, context.logger()),
        connection,
        config.every());
  }

  @Override
  public void verify(ModbusConfig config, Verification verification) {
    Duration timeout = config.timeout().orElse(VERIFY_TIMEOUT);
    List<Request> plan = new ArrayList<>();
    verification.step("read the list of registers", () -> plan.addAll(ReadPlan.of(config)));
    try (Attempt attempt = new Attempt(config, timeout)) {
      verification.step("connect to " + config.target(), attempt::connect);
      verification.step("read each register once", () -> attempt.read(plan));
    }
  }

  /** The running thing: one round of requests at a time. */
  private static final class Polling implements PolledSource, Outcome {
    private final List<Request> plan;
    private final Poller poller;
    private final Connection connection;
    private final Duration every;
    private @Nullable SampleWriter writer;

    private Polling(List<Request> plan, Poller poller, Connection connection, Duration every) {
      this.plan = plan;
      this.poller = poller;
      this.connection = connection;
      this.every = every;
    }

    @Override
    public Duration every() {
      return every;
    }

    @Override
    public void read(SampleWriter out) throws InterruptedException {
      if (writer != out) {
        writer = out;
        plan.forEach(request -> request.points().forEach(point -> point.bind(out)));
      }
      poller.round(this);
    }

    @Override
    public void good(Request request, byte[] answer, int data) {
      if (writer != null) {
        request.write(answer, data, writer);
      }
    }

    @Override
    public void bad(Request request, int status, String why) {
      if (writer != null) {
        request.bad(status, writer);
      }
    }

    @Override
    public void close() {
      connection.close();
    }
  }

  /** One try to read everything, which names each tag that fails. */
  private static final class Attempt implements Outcome, AutoCloseable {
    private final ModbusConfig config;
    private final Duration timeout;
    private final List<String> failures = new ArrayList<>();
    private int failed;
    private @Nullable Connection connection;

    private Attempt(ModbusConfig config, Duration timeout) {
      this.config = config;
      this.timeout = timeout;
    }

    private void connect() throws InterruptedException {
      connection = Connection.open(config.host(), config.port(), config.target(), timeout);
    }

    private void read(List<Request> plan) throws InterruptedException {
      if (connection == null) {
        throw new IllegalStateException("not connected");
      }
      new Poller(
              plan,
              connection,
              config.target(),
              timeout,
              System::nanoTime,
              LoggerFactory.getLogger(ModbusSource.class))
          .round(this);
      if (failed > 0) {
        throw new PluginException(
            ErrorCode.REFUSED,
            "%d of %d registers cannot be read: %s%s"
                .formatted(
                    failed,
                    plan.stream().mapToInt(request -> request.points().size()).sum(),
                    String.join("; ", failures),
                    failed > failures.size() ? "; …" : ""));
      }
    }

    @Override
    public void good(Request request, byte[] answer, int data) {}

    @Override
    public void bad(Request request, int status, String why) {
      for (Point point : request.points()) {
        failed++;
        if (failures.size() < NAMED_FAILURES) {
          failures.add(
              "%s (unit %d %s %d): %s%s"
                  .formatted(
                      point.tag(),
                      point.unitId(),
                      point.table(),
                      point.start(),
                      why,
                      point.at().hint()));
        }
      }
    }

    @Override
    public void close() {
      if (connection != null) {
        connection.close();
      }
    }
  }
}
