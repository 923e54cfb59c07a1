package kr.madang.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongToDoubleFunction;
import kr.madang.e2e.harness.HarnessPlugin;

/**
 * Pipelines over every source and sink that the project has, with results that are known in
 * advance; outlives the runtimes that run them.
 */
final class Load implements AutoCloseable {
  static final List<String> PIPELINES = List.of("counted", "pushed", "followed", "device");

  private final Path folder;
  private final AckPeer peer;
  private final int peerPort;
  private final int rate;
  private final Appender appender;
  private PlantProcess plant;

  /**
   * Starts the plant and the program that writes a file.
   *
   * @param peerPort where the sinks find the peer, perhaps through a proxy
   * @param rate rows a second of each source of numbers
   */
  Load(Path folder, AckPeer peer, int peerPort, int rate) throws Exception {
    this.folder = Files.createDirectories(folder);
    this.peer = peer;
    this.peerPort = peerPort;
    this.rate = rate;
    plant = PlantProcess.start(0);
    appender = new Appender(folder.resolve("followed.csv"), Math.max(100, rate / 5));
  }

  /** Installs the plugin and creates the pipelines. */
  void create(Madang madang) throws Exception {
    madang.install(PluginArchive.of("harness", "1.0.0", HarnessPlugin.class));
    for (String document : documents()) {
      madang.create(document);
    }
  }

  private List<String> documents() {
    List<String> documents = new ArrayList<>();
    documents.add(
        head("counted")
            + """
            source: { use: harness/counter, config: { folder: %1$s/counted, rate: %2$d } }
            steps:
              - { name: tens, window: { length: 10 } }
              - { name: means, mean: {} }
            sinks:
              - { name: raw, from: source, use: harness/peer, config: { port: %3$d } }
              - { name: mean, from: means, use: harness/peer, config: { port: %3$d } }
              - { name: rows, from: source, use: files, config: { path: %1$s/counted-rows, format: csv, rotate: 200ms } }
              - { name: windows, from: means, use: files, config: { path: %1$s/counted-means, format: csv, rotate: 300ms } }
            """
                .formatted(folder, rate, peerPort));
    documents.add(
        head("pushed")
            + """
            source: { use: harness/pushed, config: { folder: %1$s/pushed, rate: %2$d } }
            sinks:
              - { name: raw, use: harness/peer, config: { port: %3$d } }
            """
                .formatted(folder, rate, peerPort));
    documents.add(
        head("followed")
            + """
            source: { use: files, config: { path: %1$s/followed.csv, follow: true, every: 20ms, columns: { n: { type: double } } } }
            steps:
              - { name: tens, window: { length: 10 } }
              - { name: means, mean: {} }
            sinks:
              - { name: raw, from: source, use: harness/peer, config: { port: %2$d } }
              - { name: mean, from: means, use: harness/peer, config: { port: %2$d } }
              - { name: arrow, from: source, use: files, config: { path: %1$s/followed-arrow, format: arrow, rotate: 200ms } }
              - { name: parquet, from: source, use: files, config: { path: %1$s/followed-parquet, format: parquet, rotate: 300ms } }
            """
                .formatted(folder, peerPort));
    documents.add(
        head("device")
            + """
            source:
              use: modbus
              config:
                host: 127.0.0.1
                port: %2$d
                every: 10ms
                registers:
                  - { tag: current, table: input, address: 0, type: float32, unit: A }
                  - { tag: plantTime, table: input, address: 12, type: uint32, unit: ms }
            sinks:
              - { name: rows, use: files, config: { path: %1$s/device, format: csv, rotate: 250ms } }
            """
                .formatted(folder, plant.port()));
    return documents;
  }

  private static String head(String name) {
    return """
    pipeline: %s
    durability: %s
    limits: { timeout: 2s, retryMin: 20ms, retryMax: 300ms }
    """
        .formatted(name, Harness.DURABILITY);
  }

  /** Waits until every pipeline has moved something since now. */
  void awaitFlow(Madang madang) throws Exception {
    List<Long> before = new ArrayList<>();
    for (String pipeline : PIPELINES) {
      before.add(madang.ledger(pipeline).at("/stages/0/in").asLong());
    }
    for (int i = 0; i < PIPELINES.size(); i++) {
      String pipeline = PIPELINES.get(i);
      long was = before.get(i);
      madang.until(
          "rows of " + pipeline + " flow",
          () -> madang.ledger(pipeline).at("/stages/0/in").asLong() > was);
    }
  }

  /** The device dies and comes back at the same place. */
  void restartPlant(Duration after) throws Exception {
    plant.close();
    Harness.last(after);
    plant = PlantProcess.start(plant.port());
  }

  /** Every ledger adds up at this moment. */
  void assertBalanced(Madang madang) throws Exception {
    for (String pipeline : PIPELINES) {
      JsonNode ledger = madang.ledger(pipeline);
      assertThat(ledger.at("/balanced").asBoolean()).as("%s: %s", pipeline, ledger).isTrue();
      assertThat(ledger.at("/dropped").asLong()).as("%s: %s", pipeline, ledger).isZero();
      assertThat(ledger.at("/rejected").asLong()).as("%s: %s", pipeline, ledger).isZero();
    }
  }

  /** Ends the sources, waits until everything has arrived, and stops the pipelines. */
  void drain(Madang madang) throws Exception {
    awaitFlow(madang);
    assertThat(madang.metrics()).contains("madang_link_queued_rows", "pipeline=\"counted\"");
    appender.close();
    Files.writeString(folder.resolve("counted/drain"), "");
    Files.writeString(folder.resolve("pushed/drain"), "");
    madang.until("counted ends", () -> madang.state("counted").equals("finished"));
    Received followed = peer.of("followed", "raw");
    Received followedMeans = peer.of("followed", "mean");
    madang.until(
        "every line of the file arrives",
        () ->
            distinct(followed) == appender.written()
                && distinct(followedMeans) == appender.written() / 10);
    madang.until(
        "everything pushed is acknowledged",
        () ->
            Harness.number(folder.resolve("pushed/ended")) >= 0
                && Harness.number(folder.resolve("pushed/acknowledged"))
                    == Harness.number(folder.resolve("pushed/ended")) - 1);
    for (String pipeline : List.of("pushed", "followed", "device")) {
      madang.command(pipeline, "stop");
      madang.until(pipeline + " stops", () -> madang.state(pipeline).equals("stopped"));
    }
  }

  private static long distinct(Received stream) {
    return Harness.journal()
        ? stream.rows()
        : java.util.Arrays.stream(stream.values()).distinct().count();
  }

  /** Nothing is lost, doubled or out of order. */
  void check(Path temp) throws Exception {
    long counted = Harness.number(folder.resolve("counted/ended"));
    long pushed = Harness.number(folder.resolve("pushed/ended"));
    exactly("counted", "raw", counted, i -> i);
    exactly("counted", "mean", counted / 10, i -> i * 10 + 4.5);
    exactly("followed", "raw", appender.written(), i -> i);
    exactly("followed", "mean", appender.written() / 10, i -> i * 10 + 4.5);
    // A broker sends again what it was not told of: numbers may come twice, but none is lost.
    peer.of("pushed", "raw").assertAtLeastOnce(pushed, i -> i);
    if (Harness.journal()) {
      assertResumed(folder.resolve("counted/opened"));
    }

    numbers("counted-rows", Written.in(folder.resolve("counted-rows")), counted, i -> i);
    numbers(
        "counted-means",
        Written.in(folder.resolve("counted-means")),
        counted / 10,
        i -> i * 10 + 4.5);
    numbers("followed-arrow", converted(temp, "followed-arrow"), appender.written(), i -> i);
    numbers("followed-parquet", converted(temp, "followed-parquet"), appender.written(), i -> i);
    device(Written.in(folder.resolve("device")));
    figures(counted, pushed);
  }

  private void figures(long counted, long pushed) throws Exception {
    Harness.print(
        "counted %,d rows, pushed %,d, followed %,d, device %,d",
        counted, pushed, appender.written(), Written.in(folder.resolve("device")).rows());
    for (Received stream : peer.all()) {
      Harness.print("%s", stream);
    }
  }

  private void exactly(String pipeline, String sink, long rows, LongToDoubleFunction number) {
    Received received = peer.of(pipeline, sink);
    if (Harness.journal()) {
      received.assertExactly(rows, number);
    } else {
      received.assertAtLeastOnce(rows, number);
    }
  }

  private void numbers(String name, Written written, long rows, LongToDoubleFunction number)
      throws Exception {
    Received received = new Received(name, true);
    double[] values = written.numbers("n");
    for (int i = 0; i < values.length; i++) {
      received.add(0, i, values[i]);
    }
    if (Harness.journal()) {
      received.assertExactly(rows, number);
    } else {
      received.assertAtLeastOnce(rows, number);
    }
  }

  /** Files of another format, read by the program that wrote them. */
  private Written converted(Path temp, String name) throws Exception {
    Written written = Written.in(folder.resolve(name));
    Path out = folder.resolve(name + "-csv");
    Path document =
        Files.writeString(
            folder.resolve(name + ".yaml"),
            """
            pipeline: convert
            durability: none
            source: { use: files, config: { path: %s } }
            sinks: [ { use: files, config: { path: %s, format: csv } } ]
            """
                .formatted(folder.resolve(name), out));
    Madang.Ended ended = Madang.run(temp, "run", document.toString());
    assertThat(ended.status()).as(ended.errors()).isZero();
    Written csv = Written.in(out);
    assertThat(csv.rows()).as("rows of %s", name).isEqualTo(written.rows());
    return csv;
  }

  /** What the source was given to resume from is never before what it was told to forget. */
  private static void assertResumed(Path opened) throws Exception {
    long last = 0;
    for (String line : Files.readAllLines(opened)) {
      String[] cells = line.split(" ");
      long next = Long.parseLong(cells[0]);
      assertThat(next).as("resumed at, of %s", line).isGreaterThan(Long.parseLong(cells[1]));
      assertThat(next).as("resumed at, of %s", line).isGreaterThanOrEqualTo(last);
      last = next;
    }
  }

  /** Rounds are whole, in order, and time never runs back. */
  private static void device(Written written) throws Exception {
    Device device = new Device();
    written.forEach(device, "tag", "receiveTime", "value", "status");
    assertThat(device.row % 2).as("tags of a round").isZero();
    assertThat(device.good).as("good values of the device").isPositive();
    assertThat(device.plantTime).isPositive();
  }

  private static final class Device implements Written.Row {
    private Instant before = Instant.MIN;
    private double plantTime = -1;
    private long good;
    private long row;

    @Override
    public void take(String[] cells) {
      assertThat(cells[0]).as("row %d", row).isEqualTo(row % 2 == 0 ? "current" : "plantTime");
      Instant time = Instant.parse(cells[1]);
      assertThat(time).as("row %d", row).isAfterOrEqualTo(before);
      before = time;
      if (row % 2 == 1 && cells[3].equals("0")) {
        plantTime = Double.parseDouble(cells[2]);
        good++;
      }
      row++;
    }
  }

  @Override
  public void close() throws Exception {
    appender.close();
    plant.close();
  }
}
