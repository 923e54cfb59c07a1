package kr.madang.plugins.files;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.testkit.Sample;
import kr.madang.sdk.testkit.contract.Capability;
import kr.madang.sdk.testkit.contract.Place;
import kr.madang.sdk.testkit.contract.SinkContract;
import kr.madang.sdk.testkit.contract.Store;

/** What counts are files under their final names; those under way are held. */
class CsvSinkContractTest extends SinkContract<SinkConfig> {
  @Override
  protected SinkFactory<SinkConfig> factory() {
    return new FilesSink();
  }

  @Override
  protected Set<Capability> lacks() {
    return Set.of(Capability.NETWORK);
  }

  private static SinkConfig of(Place place, String bytes, String separator) {
    return new SinkConfig(
        place.folder().resolve("out"),
        SinkConfig.Format.CSV,
        "part",
        Duration.ofMinutes(10),
        bytes,
        Optional.empty(),
        separator,
        ".");
  }

  @Override
  protected SinkConfig config(Place place) {
    return of(place, "1MiB", ",");
  }

  @Override
  protected Map<String, Callable<SinkConfig>> wrongConfigs(Place place) {
    return Map.of(
        "rotateBytes", () -> of(place, "many", ","), "separator", () -> of(place, "1MiB", ",,"));
  }

  @Override
  protected Store store(Path folder) {
    return () -> rows(folder.resolve("out"));
  }

  private static List<Sample> rows(Path folder) throws Exception {
    List<Sample> samples = new ArrayList<>();
    if (Files.isDirectory(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.filter(path -> path.toString().endsWith(".csv")).toList()) {
          if (!file.getFileName().toString().startsWith(".")) {
            read(Files.readAllLines(file), samples);
          }
        }
      }
    }
    return samples;
  }

  private static void read(List<String> lines, List<Sample> into) {
    List<String> names = List.of(lines.getFirst().split(",", -1));
    for (String line : lines.subList(1, lines.size())) {
      String[] cells = line.split(",", -1);
      String value = cells[names.indexOf("value")];
      into.add(
          new Sample(
              cells[names.indexOf("tag")],
              value.isEmpty() ? null : Double.valueOf(value),
              Integer.parseUnsignedInt(cells[names.indexOf("status")]),
              nanos(cells[names.indexOf("sourceTime")]),
              0));
    }
  }

  private static Long nanos(String text) {
    Instant time = Instant.parse(text);
    return time.getEpochSecond() * 1_000_000_000 + time.getNano();
  }
}
