package kr.madang.plugins.opcua;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kr.madang.sdk.config.Secret;

/** Configs with the defaults of the annotations, quicker where a test would wait. */
final class Configs {
  String endpoint;
  Optional<Policy> policy = Optional.of(Policy.NONE);
  Optional<Mode> mode = Optional.empty();
  Optional<String> user = Optional.empty();
  Optional<Secret> password = Optional.empty();
  boolean passwordInClear;
  Optional<Path> userCertificate = Optional.empty();
  Optional<Path> userKey = Optional.empty();
  Path pki = Path.of("target/unused-pki");
  boolean checkHostName = true;
  Duration timeout = Duration.ofSeconds(5);
  Duration publishing = Duration.ofMillis(20);
  Optional<Duration> sampling = Optional.of(Duration.ZERO);
  int queueSize = 1_000;
  boolean discardOldest = true;
  Duration keepAlive = Duration.ofSeconds(2);
  int tagsPerSubscription = 1_000;
  boolean backfill;
  Duration backfillAtMost = Duration.ofDays(1);
  List<Item> tags = new ArrayList<>();

  Configs(String endpoint) {
    this.endpoint = endpoint;
  }

  static Configs at(Plant plant, String... names) {
    Configs configs = new Configs(plant.endpoint());
    for (String name : names) {
      configs.tag(name);
    }
    return configs;
  }

  static Configs at(Plant plant, int port, String... names) {
    Configs configs = at(plant, names);
    configs.endpoint = "opc.tcp://127.0.0.1:" + port + "/plant";
    return configs;
  }

  /** Signs in as somebody. */
  Configs operator() {
    user = Optional.of("operator");
    password = Optional.of(new Secret("gawi"));
    return this;
  }

  /** Trusts the server of the tests. */
  Configs trusting(Path folder) throws Exception {
    pki = folder;
    Files.createDirectories(folder.resolve("trusted"));
    Files.write(folder.resolve("trusted/plant.der"), Plant.certificate().getEncoded());
    return this;
  }

  Configs tag(String name) {
    tags.add(new Tagged(name).build());
    return this;
  }

  Configs tag(Tagged tagged) {
    tags.add(tagged.build());
    return this;
  }

  OpcUaConfig build() {
    return new OpcUaConfig(
        endpoint,
        policy,
        mode,
        user,
        password,
        passwordInClear,
        userCertificate,
        userKey,
        pki,
        checkHostName,
        Optional.of(timeout),
        publishing,
        sampling,
        queueSize,
        discardOldest,
        keepAlive,
        tagsPerSubscription,
        backfill,
        backfillAtMost,
        tags);
  }

  /** One item. */
  static final class Tagged {
    final String tag;
    String node;
    Optional<Integer> queueSize = Optional.empty();
    Optional<Boolean> discardOldest = Optional.empty();
    Optional<Duration> sampling = Optional.empty();
    Optional<Double> deadband = Optional.empty();
    Deadband deadbandType = Deadband.ABSOLUTE;
    Optional<String> range = Optional.empty();
    Optional<String> field = Optional.empty();
    Form form = Form.NUMBER;

    Tagged(String tag) {
      this.tag = tag;
      this.node = "nsu=" + Plant.URI + ";s=" + tag;
    }

    Tagged node(String text) {
      node = text;
      return this;
    }

    Tagged range(String text) {
      range = Optional.of(text);
      return this;
    }

    Tagged field(String text) {
      field = Optional.of(text);
      return this;
    }

    Tagged asText() {
      form = Form.TEXT;
      return this;
    }

    Tagged deadband(double value, Deadband type) {
      deadband = Optional.of(value);
      deadbandType = type;
      return this;
    }

    Tagged queue(int size, boolean oldest) {
      queueSize = Optional.of(size);
      discardOldest = Optional.of(oldest);
      return this;
    }

    Item build() {
      return new Item(
          tag,
          node,
          "",
          sampling,
          queueSize,
          discardOldest,
          deadband,
          deadbandType,
          range,
          field,
          form,
          "");
    }
  }
}
