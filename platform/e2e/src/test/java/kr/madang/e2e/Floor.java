package kr.madang.e2e;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * A pump whose signals come by three protocols. Those of OPC UA (ten a second) and MQTT (now and
 * then) have as value the seconds since {@link #begun} at which they were measured, so that a value
 * tells how old it is; those of Modbus are of the simulated plant.
 */
final class Floor implements AutoCloseable {
  private static final int PERIOD_MILLIS = 100;

  final Instant begun = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  final UaDevice ua = new UaDevice("current", "pressure");
  final PlantProcess plant = PlantProcess.start(0);
  final Mosquitto broker;
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private boolean uaGone;
  private int ticks;

  Floor(Path folder) throws Exception {
    broker = Mosquitto.start(folder);
    clock.scheduleAtFixedRate(this::tick, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  private synchronized void tick() {
    Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
    double value = begun.until(now, ChronoUnit.MILLIS) / 1e3;
    if (!uaGone) {
      long nanos = Nanos.of(now);
      ua.set("current", value, 0, nanos);
      ua.set("pressure", value, 0, nanos);
    }
    try {
      if (ticks % 5 == 0) {
        event("vibrationA", now, value);
      }
      if (ticks % 7 == 0) {
        event("vibrationB", now, value);
      }
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    ticks++;
  }

  private void event(String signal, Instant time, double value) throws IOException {
    broker.publish("plant/pump1/" + signal, "{\"ts\":\"%s\",\"v\":%s}".formatted(time, value));
  }

  /** The OPC UA server ends; answers an instant behind its last sample. */
  Instant endUa() throws Exception {
    synchronized (this) {
      uaGone = true;
    }
    Instant last = Instant.now();
    ua.close();
    return last;
  }

  @Override
  public void close() throws Exception {
    clock.shutdownNow();
    clock.awaitTermination(10, TimeUnit.SECONDS);
    if (!uaGone) {
      ua.close();
    }
    plant.close();
    broker.close();
  }
}
