package kr.madang.bench;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.LoggerFactory;

/** Runs the bars that are named, or all, and prints a JSON line for each figure. */
public final class Bench {
  private static final List<Bar> BARS =
      List.of(
          new InferenceBar(),
          new SharingBar(),
          new PipelineBar(),
          new CelBar(),
          new ModbusBar(),
          new OpcUaBar(),
          new MqttBar(),
          new KafkaBar(),
          new JdbcBar(),
          new JournalBar(),
          new CatchUpBar(),
          new BacklogBar(),
          new ColdStartBar(),
          new IdleBar(),
          new HttpBar(),
          new DoorsBar(),
          new FlightBar());

  private Bench() {}

  /** {@code [--quick] [NAME…]}. */
  public static void main(String[] args) throws Exception {
    ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
    List<String> names = new ArrayList<>(Arrays.asList(args));
    boolean quick = names.remove("--quick");
    List<String> known = BARS.stream().map(Bar::name).toList();
    if (!known.containsAll(names)) {
      System.err.println("usage: bench.jar [--quick] [NAME…], names: " + String.join(" ", known));
      System.exit(2);
    }
    for (Bar bar : BARS) {
      if (names.isEmpty() || names.contains(bar.name())) {
        bar.measure(quick).forEach(figure -> System.out.println(figure.json()));
      }
    }
    System.exit(0);
  }
}
