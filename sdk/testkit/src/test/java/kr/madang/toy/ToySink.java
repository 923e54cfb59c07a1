package kr.madang.toy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import kr.madang.sdk.Verification;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkContext;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.testkit.Sample;
import org.apache.arrow.vector.types.pojo.Schema;

/** A sink that is right, unless a flaw is set. */
final class ToySink implements SinkFactory<ToyConfig> {
  @Override
  public String name() {
    return "toy";
  }

  @Override
  public Class<ToyConfig> config() {
    return ToyConfig.class;
  }

  @Override
  public void check(ToyConfig config, Schema in) throws Exception {
    if (SinkFlaw.CHECKS_AT_THE_STORE.here()) {
      ToyLine.open(config.port(), Duration.ofSeconds(1)).close();
    }
  }

  @Override
  public void verify(ToyConfig config, Verification verification) {
    if (!SinkFlaw.VERIFIES_NOTHING.here()) {
      verification.step(
          "connect",
          () -> {
            if (!SinkFlaw.VERIFIES_BLINDLY.here()) {
              ToyLine.open(config.port(), Duration.ofSeconds(1)).close();
            }
          });
    }
  }

  @Override
  public Sink open(ToyConfig config, Schema in, SinkContext context) throws Exception {
    ToyLine line = ToyLine.open(config.port(), context.timeout());
    ToySource.leave();
    return new Storing(line);
  }

  private static final class Storing implements Sink {
    private final ToyLine line;
    private final List<String> late = new ArrayList<>();
    private boolean closed;
    private int count;
    private boolean interrupted;

    Storing(ToyLine line) {
      this.line = line;
    }

    @Override
    public void write(Batch batch) throws Exception {
      if (batch.rows() == 0 && SinkFlaw.FAILS_ON_NO_ROWS.here()) {
        throw new IndexOutOfBoundsException("0");
      }
      long sequence = batch.sequence();
      for (Sample sample : Sample.of(batch)) {
        String name = batch.stream() + ":" + batch.epoch() + ":" + sequence++;
        String request = request(name, sample);
        if (SinkFlaw.WRITES_WHEN_CLOSED.here()) {
          late.add(request);
        } else if (!SinkFlaw.LOSES_EVERY_TENTH.here() || ++count % 10 != 0) {
          store(request);
        }
      }
      if (SinkFlaw.CLOSES_BATCHES.here()) {
        batch.close();
      }
    }

    private static String request(String name, Sample sample) {
      String key =
          SinkFlaw.NO_NAMES.here()
              ? "n" + System.nanoTime()
              : SinkFlaw.NAMES_OF_CONTENT.here() ? "v" + sample.value() : name;
      int status = sample.status();
      if (SinkFlaw.COARSE_STATUS.here()) {
        status &= 0xC000_0000;
      } else if (SinkFlaw.BAD_AS_GOOD.here()) {
        status = Quality.GOOD;
      }
      Object time = SinkFlaw.TIME_OF_ARRIVAL.here() ? sample.receiveTime() : sample.sourceTime();
      return "STORE %s %s %s %d %s".formatted(key, sample.tag(), sample.value(), status, time);
    }

    private void store(String request) throws Exception {
      if (interrupted) {
        return;
      }
      try {
        if (!line.ask(request).startsWith("ok ")) {
          throw line.protocol("ok");
        }
      } catch (PluginException e) {
        boolean ignored =
            e.code() == ErrorCode.TIMEOUT
                ? SinkFlaw.SILENCE_IS_DONE.here()
                : e.code() == ErrorCode.UNREACHABLE && SinkFlaw.CUT_IS_DONE.here();
        if (!ignored) {
          throw e;
        }
      } catch (InterruptedException e) {
        if (!SinkFlaw.INTERRUPTED_IS_DONE.here()) {
          throw e;
        }
        interrupted = true;
      }
    }

    @Override
    public void close() throws Exception {
      if (closed && SinkFlaw.CLOSES_ONCE.here()) {
        throw new IllegalStateException("closed before");
      }
      for (String request : late) {
        store(request);
      }
      late.clear();
      closed = true;
      line.close();
    }
  }
}
