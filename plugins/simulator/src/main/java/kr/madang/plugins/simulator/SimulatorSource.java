package kr.madang.plugins.simulator;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import kr.madang.sdk.Verification;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.PolledSource;
import kr.madang.sdk.source.Source;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.source.Tag;

/** Runs a plant inside the pipeline, for a first pipeline without any device. */
final class SimulatorSource implements SourceFactory<SimulatorSource.Config> {
  private static final List<Tag> TAGS =
      List.of(
          new Tag("pump1/current", "A", "Motor current"),
          new Tag("pump1/pressure", "bar", "Discharge pressure over ambient"),
          new Tag("pump1/flow", "m3/h", "Flow"),
          new Tag("pump1/temperature", "Cel", "Temperature of the bearing housing"),
          new Tag("pump1/vibrationA", "mm/s", "RMS velocity at the drive end"),
          new Tag("pump1/vibrationB", "mm/s", "RMS velocity at the pump casing"));

  record Config(
      @Doc("Number of the plant's history; the same seed gives the same values") @Default("1")
          long seed,
      @Doc("Time between two rounds") @Default("100ms") Duration every,
      @Doc("Seconds of plant time in a second") @Default("1") @Range(min = 0.01, max = 1000)
          double speed,
      @Doc(
              "Faults as name@seconds or name@seconds:untilSeconds of plant time; names are"
                  + " worn-bearing, cavitation, blocked-valve")
          @Default("[]")
          List<String> faults) {}

  @Override
  public String name() {
    return "simulator";
  }

  @Override
  public String title() {
    return "Simulated pump loop";
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public List<Tag> tags(Config config) {
    return TAGS;
  }

  @Override
  public void verify(Config config, Verification verification) {
    verification.step("read the period", () -> period(config));
    verification.step("read the plan of faults", () -> plans(config));
  }

  @Override
  public Source open(Config config, SourceContext context) {
    return new Rounds(
        new Plant(config.seed(), plans(config)), period(config), config.speed(), context.clock());
  }

  private static Duration period(Config config) {
    if (config.every().compareTo(Duration.ofMillis(1)) < 0) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID, "every: expected at least 1ms, got " + config.every());
    }
    return config.every();
  }

  private static List<FaultPlan> plans(Config config) {
    try {
      return config.faults().stream().map(FaultPlan::parse).toList();
    } catch (IllegalArgumentException e) {
      throw new PluginException(ErrorCode.CONFIG_INVALID, "faults: " + e.getMessage(), e);
    }
  }

  /**
   * One round of the plant moves it by one period, whatever the clock says: values depend on the
   * seed and the number of the round alone. Source times follow the same grid from the time of
   * opening on, and are moved up where rounds were missed.
   */
  private static final class Rounds implements PolledSource {
    private static final int MISSED = 10;

    private final Plant plant;
    private final Duration every;
    private final double speed;
    private final InstantSource clock;
    private long round;
    private Instant origin;

    Rounds(Plant plant, Duration every, double speed, InstantSource clock) {
      this.plant = plant;
      this.every = every;
      this.speed = speed;
      this.clock = clock;
      this.origin = clock.instant();
    }

    @Override
    public Duration every() {
      return every;
    }

    @Override
    public void read(SampleWriter out) {
      Duration elapsed = every.multipliedBy(round++);
      Instant due = origin.plus(elapsed);
      Duration late = Duration.between(due, clock.instant());
      if (late.compareTo(every.multipliedBy(MISSED)) > 0) {
        origin = origin.plus(late);
        due = due.plus(late);
      }
      long time = due.getEpochSecond() * 1_000_000_000L + due.getNano();
      Reading reading = plant.advanceTo((long) (elapsed.toNanos() / 1e6 * speed));
      for (int signal = 0; signal < Reading.SIGNALS; signal++) {
        out.put(TAGS.get(signal).name(), reading.value(signal), Quality.GOOD, time);
      }
    }
  }
}
