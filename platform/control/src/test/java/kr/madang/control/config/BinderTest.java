package kr.madang.control.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.config.Secret;
import kr.madang.sdk.config.Unit;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BinderTest {
  @TempDir private Path home;

  private enum Order {
    BIG,
    LITTLE_ENDIAN
  }

  private record Everything(
      String text,
      int count,
      long many,
      double ratio,
      boolean on,
      Duration every,
      Path file,
      URI uri,
      ZoneId zone,
      Instant from,
      Order order,
      Optional<Integer> maybe,
      List<String> names,
      Map<String, Double> gains,
      Inner inner,
      @Unit("By") long size) {}

  private record Inner(@Default("7") int a, @Default("[x, y]") List<String> b) {}

  private record Port(@Doc("TCP port") @Range(min = 1, max = 65535) int port) {}

  private record Several(@Doc("Where to") String host, @Default("1") int port) {}

  private record Derive(Map<String, String> fields) {}

  private record Timed(@Range(min = 0.1, max = 60) Duration every) {}

  private record Typed(
      @Default("1") int whole,
      @Default("1") double real,
      @Default("true") boolean on,
      @Default("1s") Duration time,
      @Default("big") Order order,
      @Default("1") @Unit("By") long size,
      @Default("UTC") ZoneId zone,
      @Default("[]") List<Integer> list,
      @Default("{}") Map<String, Integer> map,
      Optional<Inner> inner) {}

  private record Login(String user, Secret password) {}

  private record Checked(int low, int high) {
    Checked {
      if (low > high) {
        throw new IllegalArgumentException("low must not be above high");
      }
    }
  }

  private record Broken(int a) {
    Broken {
      throw new IllegalStateException("oh");
    }
  }

  private record Odd(StringBuilder text) {}

  private sealed interface Policy {
    record Refuse() implements Policy {}

    record LeaveOut(@Default("3") int most) implements Policy {}

    record Wait(@Doc("How long") Duration limit) implements Policy {}
  }

  private record Ruled(@Default("refuse") Policy when) {}

  @Test
  void oneOfSeveralRecordsIsNamedAloneOrWithWhatItTakes() {
    assertThat(bind("{}", Ruled.class).when()).isEqualTo(new Policy.Refuse());
    assertThat(bind("when: refuse", Ruled.class).when()).isEqualTo(new Policy.Refuse());
    assertThat(bind("when: leaveOut", Ruled.class).when()).isEqualTo(new Policy.LeaveOut(3));
    assertThat(bind("when: { leaveOut: { most: 5 } }", Ruled.class).when())
        .isEqualTo(new Policy.LeaveOut(5));
    assertThat(bind("when: { wait: 5s }", Ruled.class).when())
        .isEqualTo(new Policy.Wait(Duration.ofSeconds(5)));
    assertThat(bind("when: { wait: { limit: 5s } }", Ruled.class).when())
        .isEqualTo(new Policy.Wait(Duration.ofSeconds(5)));
  }

  @Test
  void anythingElseThanOneOfSeveralRecordsIsAnError() {
    String choices = "one of refuse, leaveOut, { wait: limit }";
    assertThatThrownBy(() -> bind("when: wait", Ruled.class))
        .hasMessageContaining("when: expected " + choices + ", got 'wait'");
    assertThatThrownBy(() -> bind("when: [ wait ]", Ruled.class))
        .hasMessageContaining("when: expected " + choices + ", got a list");
    assertThatThrownBy(() -> bind("when: { wait: 1s, refuse: }", Ruled.class))
        .hasMessageContaining("when: expected " + choices + ", got a mapping");
    assertThatThrownBy(() -> bind("when: { wiat: 1s }", Ruled.class))
        .hasMessageContaining(
            "when: expected " + choices + ", got the key 'wiat'; did you mean 'wait'?");
    assertThatThrownBy(() -> bind("when: { wait: }", Ruled.class))
        .hasMessageContaining("when.wait: key 'limit' is missing (How long)");
    assertThatThrownBy(() -> bind("when: { refuse: 1s }", Ruled.class))
        .hasMessageContaining("when.refuse: expected a mapping with no keys, got '1s'");
  }

  private Binder binder() {
    return new Binder(home, new Secrets(home, Map.of("MADANG_SECRET_FROM_OUTSIDE", "s3cret")::get));
  }

  private <T> T bind(String yaml, Class<T> type) {
    return binder().bind(Documents.yaml(yaml), type, "");
  }

  private record Named(Path file) {}

  @Test
  void aFileOutsideTheFoldersThatAreAllowedIsRefused() throws Exception {
    Path data = Files.createDirectories(home.resolve("data"));
    Path extra = Files.createDirectories(home.resolve("extra"));
    Path secret = Files.createDirectories(home.resolve("secrets"));
    Files.createSymbolicLink(data.resolve("link"), secret);
    Binder walled = new Binder(data, new Secrets(home), List.of(data, extra));
    for (String inside : List.of("a.csv", "new/a.csv", "x/../a.csv", ".", extra + "/b.csv")) {
      assertThat(walled.bind(Documents.yaml("file: '" + inside + "'"), Named.class, "").file())
          .as(inside)
          .isAbsolute();
    }
    for (String outside :
        List.of("../secrets/x", "/etc/passwd", "link/x", "../data-evil/x", home.toString())) {
      assertThatThrownBy(
              () -> walled.bind(Documents.yaml("file: '" + outside + "'"), Named.class, "c"))
          .as(outside)
          .hasMessageContaining("c.file: expected a path within the folder 'data' of the home or")
          .hasMessageContaining(extra.toString())
          .hasMessageContaining("'roots' in madang.yaml");
    }
  }

  @Test
  void everyTypeIsBound() {
    Everything all =
        bind(
            """
            text: 1.10
            count: 0x1F
            many: 9_000_000_000
            ratio: 1e-5
            on: true
            every: 1h30m
            file: ../data/x.csv
            uri: opc.tcp://plc:4840
            zone: Asia/Seoul
            from: "2026-01-31T08:00:00Z"
            order: littleEndian
            names: [b, a]
            gains: { z: 1, a: 2.5 }
            inner: {}
            size: 1.5KiB
            """,
            Everything.class);
    assertThat(all)
        .isEqualTo(
            new Everything(
                "1.10",
                31,
                9_000_000_000L,
                1e-5,
                true,
                Duration.ofMinutes(90),
                home.toAbsolutePath().resolveSibling("data").resolve("x.csv").normalize(),
                URI.create("opc.tcp://plc:4840"),
                ZoneId.of("Asia/Seoul"),
                Instant.parse("2026-01-31T08:00:00Z"),
                Order.LITTLE_ENDIAN,
                Optional.empty(),
                List.of("b", "a"),
                Map.of("z", 1.0, "a", 2.5),
                new Inner(7, List.of("x", "y")),
                1536));
    assertThat(all.gains().keySet()).containsExactly("z", "a");
  }

  @ParameterizedTest
  @CsvSource({
    "100ms, PT0.1S",
    "1s, PT1S",
    "10m, PT10M",
    "2h, PT2H",
    "1.5s, PT1.5S",
    "0, PT0S",
    "3d, PT72H",
    "250us, PT0.00025S",
    "PT1M, PT1M",
    "7ns, PT0.000000007S",
    "10min, PT10M"
  })
  void timesAreWrittenAsPeopleDo(String text, String iso) {
    assertThat(bind("time: " + text, Typed.class).time()).isEqualTo(Duration.parse(iso));
  }

  @ParameterizedTest
  @CsvSource({
    "4096, 4096",
    "64KiB, 65536",
    "256MiB, 268435456",
    "1GB, 1000000000",
    "2 MB, 2000000"
  })
  void sizesAreWrittenAsPeopleDo(String text, long bytes) {
    assertThat(bind("size: " + text, Typed.class).size()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          whole: x              | line 1, column 8: whole: expected an integer, got 'x'
          whole: "5"            | whole: expected an integer, got '5'
          whole: 5.5            | whole: expected an integer, got '5.5'
          whole: 3000000000     | whole: expected an integer, got '3000000000'
          whole: [1]            | whole: expected an integer, got a list
          real: .inf            | real: expected a number, got '.inf'
          real: x               | real: expected a number, got 'x'
          on: yes               | on: expected true or false, got 'yes'
          time: 5               | time: expected a time such as 100ms, 1s, 10m or 2h, got '5'
          time: 1 fortnight     | time: expected a time such as 100ms, 1s, 10m or 2h, got '1 fortnight'
          time: 999999999999d   | time: expected a time such as 100ms, 1s, 10m or 2h, got '999999999999d'
          order: middle         | order: expected one of big, littleEndian, got 'middle'
          size: 1 parsec        | size: expected a number of bytes such as 64KiB or 256MiB, got '1 parsec'
          zone: Mars            | zone: expected a time zone such as Asia/Seoul, +09:00 or UTC, got 'Mars'
          list: [1, b, 3]       | line 1, column 11: list[1]: expected an integer, got 'b'
          list: 1               | list: expected a list, got '1'
          map: { a: b }         | map.a: expected an integer, got 'b'
          map: 1                | map: expected a mapping, got '1'
          inner: { a: x }       | inner.a: expected an integer, got 'x'
          inner: 4              | inner: expected a mapping with the keys a, b, got '4'
          wohle: 1              | line 1, column 1: unknown key 'wohle'; did you mean 'whole'?
          inner: { zzz: 1 }     | line 1, column 10: inner: unknown key 'zzz'; known are a, b
          zone: a${secret:x}b   | zone: takes no secret; only keys that are declared secret do
          whole: ${secret:x}    | whole: takes no secret; only keys that are declared secret do
          """)
  void whatDoesNotFitIsNamedWithItsPlace(String yaml, String message) {
    assertThatThrownBy(() -> bind(yaml, Typed.class))
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID))
        .hasMessageContaining(message);
  }

  @Test
  void aNumberOutOfItsRangeIsNamedWithTheRange() {
    assertThat(bind("port: 65535", Port.class).port()).isEqualTo(65535);
    assertThatThrownBy(() -> bind("port: 0", Port.class))
        .hasMessage("line 1, column 7: port: expected an integer from 1 to 65535, got '0'");
    assertThatThrownBy(() -> bind("every: 2m", Timed.class))
        .hasMessageContaining("10m or 2h from 0.1 to 60 s, got '2m'");
  }

  @Test
  void aMissingKeyIsNamedWithItsMeaning() {
    assertThatThrownBy(() -> bind("port: 2", Several.class))
        .hasMessage("line 1, column 1: key 'host' is missing (Where to)");
    assertThatThrownBy(() -> bind("host:", Several.class))
        .hasMessageContaining("key 'host' is missing: it stands there without a value");
  }

  @Test
  void aValueWithoutAKeyIsForTheOnlyOneThatIsRequired() {
    assertThat(bind("502", Port.class)).isEqualTo(new Port(502));
    assertThat(bind("plc", Several.class)).isEqualTo(new Several("plc", 1));
    assertThat(bind("{alarm: 'score > 0.8'}", Derive.class).fields())
        .containsExactly(Map.entry("alarm", "score > 0.8"));
    assertThat(bind("{fields: {a: b}}", Derive.class).fields()).containsOnlyKeys("a");
    assertThat(bind("{fields: a + b}", Derive.class).fields()).containsOnlyKeys("fields");
  }

  @Test
  void allThatIsWrongIsSaidAtOnceUpToTwenty() {
    assertThatThrownBy(() -> bind("{whole: a, real: b, on: c}", Typed.class))
        .hasMessageContainingAll("whole: expected", "\n", "real: expected", "on: expected");
    String list = "list: [" + "x, ".repeat(30) + "x]";
    assertThatThrownBy(() -> bind(list, Typed.class))
        .hasMessageEndingWith("and 11 more")
        .satisfies(e -> assertThat(e.getMessage().lines()).hasSize(21));
  }

  @Test
  void whatAConstructorRefusesIsReportedWhereTheRecordStands() {
    assertThatThrownBy(
            () -> binder().bind(Documents.yaml("\n{low: 2, high: 1}"), Checked.class, "a.b"))
        .hasMessage("line 2, column 1: a.b: low must not be above high");
    assertThatThrownBy(() -> bind("a: 1", Broken.class)).hasMessageContaining("refused by");
    assertThatThrownBy(() -> bind("text: x", Odd.class))
        .hasMessageContaining("java.lang.StringBuilder, which cannot be bound");
  }

  @Test
  void aSecretComesFromAFileThatOnlyItsOwnerCanRead() throws IOException {
    Path file = Files.writeString(home.resolve("plc"), "pa55\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    Login login = bind("{user: a, password: '${secret:plc}'}", Login.class);
    assertThat(login.password().value()).isEqualTo("pa55");
    assertThat(login.toString()).doesNotContain("pa55");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(() -> bind("{user: a, password: '${secret:plc}'}", Login.class))
        .hasMessageContaining("chmod 600")
        .hasMessageNotContaining("pa55");
  }

  @Test
  void aSecretComesFromTheEnvironmentIfThereIsNoFile() {
    assertThat(bind("{user: a, password: '${secret:from-outside}'}", Login.class).password())
        .isEqualTo(new Secret("s3cret"));
  }

  @Test
  void aMissingSecretIsNamedAndAPlainOneIsNeverShown() {
    assertThatThrownBy(() -> bind("{user: a, password: '${secret:nope}'}", Login.class))
        .hasMessageContaining("secret 'nope' is missing")
        .hasMessageContaining("MADANG_SECRET_NOPE");
    assertThatThrownBy(() -> bind("{user: a, password: hunter2}", Login.class))
        .hasMessageContaining("password: expected ${secret:name}")
        .hasMessageNotContaining("hunter2");
    assertThatThrownBy(() -> bind("{user: a, password: '${secret:../../x}'}", Login.class))
        .hasMessageContaining("expected ${secret:name} with a name of a-z");
  }
}
