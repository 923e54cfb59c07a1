package kr.madang.plugins.files;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import kr.madang.plugins.files.SourceConfig.SampleColumns;
import kr.madang.plugins.files.SourceConfig.ValueType;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.testkit.contract.Capability;
import kr.madang.sdk.testkit.contract.Device;
import kr.madang.sdk.testkit.contract.Place;
import kr.madang.sdk.testkit.contract.SourceContract;

/** A growing file; its rows say which tags there are. */
class CsvSourceContractTest extends SourceContract<SourceConfig> {
  @Override
  protected SourceFactory<SourceConfig> factory() {
    return new FilesSource();
  }

  @Override
  protected Set<Capability> lacks() {
    return Set.of(
        Capability.NETWORK, Capability.DECLARED_TAGS, Capability.COMMANDS, Capability.BROWSING);
  }

  private static Configs of(Place place) {
    Configs configs = Configs.at(place.folder().resolve("log.csv")).follow().longLayout();
    configs.samples =
        new SampleColumns(
            "tag", "value", Optional.of("status"), Optional.empty(), ValueType.DOUBLE);
    return configs;
  }

  @Override
  protected SourceConfig config(Place place) {
    return of(place).build();
  }

  @Override
  protected Map<String, Callable<SourceConfig>> wrongConfigs(Place place) {
    Configs charset = of(place);
    charset.charset = "UTF-9";
    Configs separator = of(place);
    separator.separator = Optional.of(";;");
    Configs format = of(place);
    format.timeFormat = "yyyy-MM-ddThh:qq";
    return Map.of("charset", charset::build, "separator", separator::build, "time", format::build);
  }

  @Override
  protected Device device(Path folder) throws Exception {
    Path file = folder.resolve("log.csv");
    Files.writeString(file, "time,tag,value,status\n");
    return new Device() {
      @Override
      public List<String> tags() {
        return List.of("a", "b");
      }

      @Override
      public void write(String tag, double value, int status, Instant time) throws Exception {
        Files.writeString(
            file,
            "%s,%s,%s,%d\n".formatted(time, tag, value, Integer.toUnsignedLong(status)),
            StandardOpenOption.APPEND);
      }
    };
  }
}
