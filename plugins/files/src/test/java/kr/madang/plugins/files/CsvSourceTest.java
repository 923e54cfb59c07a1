package kr.madang.plugins.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import kr.madang.plugins.files.SourceConfig.SampleColumns;
import kr.madang.plugins.files.SourceConfig.Type;
import kr.madang.plugins.files.SourceConfig.ValueType;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.CollectedVerification;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CsvSourceTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;
  private FakeSourceContext context;
  private Path file;

  @BeforeEach
  void context() {
    context = new FakeSourceContext(arrow.get());
    file = folder.resolve("data.csv");
  }

  private void write(String text) throws Exception {
    Files.writeString(file, text);
  }

  private static long nanos(String instant) {
    return Nanos.of(Instant.parse(instant));
  }

  @Test
  void aPumpLogWithSemicolonsBlanksInNamesAndLocalTimesIsRead() throws Exception {
    write(
        "datetime;Current;Volume Flow RateRMS\r\n"
            + "2020-03-09 10:14:33;1.3302;32.0\r\n"
            + "2020-03-09 10:14:33;1.35399;\r\n"
            + "2020-03-09 10:14:36;-1e-3;31.5\r\n");
    Configs config = Configs.at(file);
    config.zone = Optional.of(ZoneId.of("Europe/Moscow"));
    Read read = Read.all(config.build(), context);
    assertThat(read.column("time"))
        .containsExactly(
            nanos("2020-03-09T07:14:33Z"),
            nanos("2020-03-09T07:14:33Z"),
            nanos("2020-03-09T07:14:36Z"));
    assertThat(read.column("Current")).containsExactly(1.3302, 1.35399, -1e-3);
    assertThat(read.column("Volume Flow RateRMS")).containsExactly(32.0, null, 31.5);
    assertThat(read.column("Volume Flow RateRMS#status"))
        .containsExactly(Quality.GOOD, Quality.BAD_NO_DATA, Quality.GOOD);
    assertThat(context.rejects()).isEmpty();
  }

  @Test
  void aLocalTimeWithoutAZoneIsAnErrorThatNamesTheColumn() throws Exception {
    write("datetime,x\n2020-03-09 10:14:33,1\n");
    assertThatThrownBy(() -> new FilesSource().frames(Configs.at(file).noZone().build()))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("column 'datetime'")
        .hasMessageContaining("zone");
  }

  @ParameterizedTest
  @CsvSource({
    "iso, 2026-03-09T10:14:33.123456789+09:00, 2026-03-09T01:14:33.123456789Z",
    "iso, 2026-03-09 10:14:33.5, 2026-03-09T10:14:33.5Z",
    "iso, 2026-03-09 10:14, 2026-03-09T10:14:00Z",
    "iso, 2026-03-09, 2026-03-09T00:00:00Z",
    "iso, 2026-03-09T10:14:33-0330, 2026-03-09T13:44:33Z",
    "iso, 2026-03-09T10:14:33.1Z, 2026-03-09T10:14:33.1Z",
    "epoch-s, 1583748873.25, 2020-03-09T10:14:33.25Z",
    "epoch-ms, 1583748873250, 2020-03-09T10:14:33.25Z",
    "epoch-us, 1583748873250001, 2020-03-09T10:14:33.250001Z",
    "epoch-ns, 1583748873250000001, 2020-03-09T10:14:33.250000001Z",
    "epoch-s, -1.5, 1969-12-31T23:59:58.5Z",
    "dd.MM.yyyy HH:mm:ss, 09.03.2020 10:14:33, 2020-03-09T10:14:33Z",
    "yyyyMMdd, 20200309, 2020-03-09T00:00:00Z",
  })
  void everyTimeFormatIsRead(String format, String written, String expected) throws Exception {
    write("t;x\n" + written + ";1\n");
    Configs config = Configs.at(file);
    config.timeColumn = Optional.of("t");
    config.timeFormat = format;
    assertThat(Read.all(config.build(), context).column("time")).containsExactly(nanos(expected));
  }

  @Test
  void localTimesAroundAClockChangeFollowTheRulesOfTheZone() throws Exception {
    write(
        "time,x\n2026-03-29 01:59:59,1\n2026-03-29 03:00:00,2\n2026-10-25 02:30:00,3\n"
            + "2026-10-25 03:00:00,4\n2026-07-01 12:00:00,5\n");
    Configs config = Configs.at(file);
    config.zone = Optional.of(ZoneId.of("Europe/Berlin"));
    assertThat(Read.all(config.build(), context).column("time"))
        .containsExactly(
            nanos("2026-03-29T00:59:59Z"),
            nanos("2026-03-29T01:00:00Z"),
            nanos("2026-10-25T00:30:00Z"),
            nanos("2026-10-25T02:00:00Z"),
            nanos("2026-07-01T10:00:00Z"));
  }

  @Test
  void corruptRowsAreRejectedWithLineFieldExpectedAndGotAndTheRestIsRead() throws Exception {
    write(
        "time,a,b\n2026-01-01T00:00:00Z,1,2\n2026-01-01T00:00:01Z,1\n"
            + "2026-01-01T00:00:02Z,n/a?,2\nyesterday,1,2\n2026-01-01T00:00:04Z,1,2,3\n\n"
            + "2026-01-01T00:00:05Z,\"1\"x,2\n2026-01-01T00:00:06Z,7,8\n"
            + "9999-01-01T00:00:06Z,7,8\n");
    // the file is judged by its first good rows
    Configs config = Configs.at(file).column("a", "a", Type.DOUBLE, null);
    config.column("b", "b", Type.DOUBLE, null);
    Read read = Read.all(config.build(), context);
    assertThat(read.column("a")).containsExactly(1.0, 7.0);
    assertThat(context.rejects())
        .satisfiesExactly(
            row -> assertThat(row).contains("data.csv:3: expected 3 columns").contains("got 2"),
            row -> assertThat(row).contains("data.csv:4: a: expected a number, got 'n/a?'"),
            row -> assertThat(row).contains("data.csv:5: time: expected an ISO 8601 time"),
            row -> assertThat(row).contains("data.csv:6: expected 3 columns").contains("got 4"),
            row -> assertThat(row).contains("data.csv:8: expected a separator"),
            row -> assertThat(row).contains("data.csv:10: time: expected a time between"));
  }

  @Test
  void aCorruptCellAmongManyNumbersIsRejectedAndTheColumnStaysOneOfNumbers() throws Exception {
    StringBuilder text = new StringBuilder("time,a,b\n");
    for (int i = 0; i < 20; i++) {
      text.append(
          "2026-01-01T00:00:%02dZ,%s,%s\n"
              .formatted(i, i == 3 ? "#REF!" : i, i % 5 == 0 ? "x" : i));
    }
    write(text.toString());
    Read read = Read.all(Configs.at(file).build(), context);
    assertThat(read.column("a")).hasSize(19).doesNotContain(3.0).contains(2.0, 4.0);
    assertThat(read.column("b")).as("one in five is something else").contains("x", "1");
    assertThat(context.rejects())
        .singleElement()
        .asString()
        .contains("data.csv:5: a: expected a number, got '#REF!'");
  }

  @Test
  void aFileThatIsNoParquetIsToldWithoutNamesOfClasses() throws Exception {
    Path fake = folder.resolve("fake.parquet");
    Files.writeString(fake, "PAR1 no");
    assertThatThrownBy(() -> Read.all(Configs.at(fake).build(), context))
        .hasMessageContaining(
            "fake.parquet: expected a whole Parquet file, got: it is not a Parquet")
        .hasMessageNotContaining("@");
  }

  @Test
  void aQuoteThatNobodyClosesCostsOneLine() throws Exception {
    write(
        "time,a\n2026-01-01T00:00:00Z,one\n2026-01-01T00:00:01Z,\"two\n"
            + "2026-01-01T00:00:02Z,three\n");
    Read read = Read.all(Configs.at(file).build(), context);
    assertThat(read.column("a")).containsExactly("one", "three");
    assertThat(context.rejects()).singleElement().asString().contains("data.csv:3");
  }

  @Test
  void bytesThatAreNoTextCostOneRow() throws Exception {
    byte[] text =
        "time,a\n2026-01-01T00:00:00Z,1\n2026-01-01T00:00:01Z,?\n2026-01-01,3\n"
            .getBytes(Charset.forName("US-ASCII"));
    for (int i = 0; i < text.length; i++) {
      text[i] = text[i] == '?' ? (byte) 0xFF : text[i];
    }
    Files.write(file, text);
    Configs config = Configs.at(file);
    config.columns.clear();
    assertThatThrownBy(() -> Read.all(config.build(), context)).hasMessageContaining("charset");
    // with the head in order the row alone is at fault
    String good = "2026-01-01T00:00:00Z,1\n".repeat(2000);
    Files.write(file, ("time,a\n" + good).getBytes(Charset.forName("US-ASCII")));
    byte[] bad = Files.readAllBytes(file);
    bad[bad.length - 2] = (byte) 0xFF;
    Files.write(file, bad);
    assertThat(Read.all(config.build(), context).rows).hasSize(1999);
    assertThat(context.rejects()).singleElement().asString().contains("data.csv:2001");
  }

  @Test
  void aByteOrderMarkQuotesLineBreaksInCellsAndKoreanAreRead() throws Exception {
    write(
        "\uFEFF\"time\",\"메모, 1\",x\r\n2026-01-01T00:00:00Z,\"a \"\"b\"\"\nc,d\",1\r\n"
            + "2026-01-01T00:00:01Z,,2\r\n2026-01-01T00:00:02Z,\"\",3");
    Read read = Read.all(Configs.at(file).build(), context);
    assertThat(read.column("메모, 1")).containsExactly("a \"b\"\nc,d", null, "");
    assertThat(read.column("x")).containsExactly(1.0, 2.0, 3.0);
  }

  @Test
  void anotherCharsetDecimalCommaSkippedLinesAndNoHeaderAreRead() throws Exception {
    Files.write(
        file,
        "장비 7\nlogger v3\n2026-01-01;1,5;펌프\n2026-01-02;-0,25;\n"
            .getBytes(Charset.forName("MS949")));
    Configs config = Configs.at(file);
    config.charset = "MS949";
    config.decimal = ",";
    config.skip = 2;
    config.header = false;
    config.timeColumn = Optional.of("1");
    Read read = Read.all(config.build(), context);
    assertThat(read.column("2")).containsExactly(1.5, -0.25);
    assertThat(read.column("3")).containsExactly("펌프", null);
  }

  @Test
  void columnsAreRenamedTypedAndGetTheirStatus() throws Exception {
    write(
        "time,p,p quality,n,ignored\n2026-01-01,1.5,Good,9007199254740993,x\n"
            + "2026-01-02,2.5,Bad_SensorFailure,1,x\n2026-01-03,,Uncertain,2,x\n"
            + "2026-01-04,3.5,0x40000000,3,x\n");
    SourceConfig config =
        Configs.at(file)
            .column("p", "pump1/pressure", Type.DOUBLE, "p quality")
            .column("n", "count", Type.LONG, null)
            .build();
    Read read = Read.all(config, context);
    assertThat(read.column("pump1/pressure")).containsExactly(1.5, 2.5, null, 3.5);
    assertThat(read.column("pump1/pressure#status"))
        .containsExactly(
            Quality.GOOD, Quality.BAD_SENSOR_FAILURE, Quality.BAD_NO_DATA, Quality.UNCERTAIN);
    assertThat(read.column("count")).containsExactly(9007199254740993L, 1L, 2L, 3L);
    assertThat(new FilesSource().frames(config).orElseThrow().findField("pump1/pressure"))
        .satisfies(field -> assertThat(field.getMetadata()).containsEntry("unit", "bar"));
  }

  @Test
  void longRowsBecomeSamples() throws Exception {
    write(
        "tag,time,value,q,unit\na,2026-01-01,1.5,192,bar\nb,2026-01-01,on,192,\n"
            + "a,2026-01-02,,0,bar\na,2026-01-03,3,64,psi\n");
    Configs config = Configs.at(file).longLayout();
    config.statuses = SourceConfig.Statuses.OPCDA;
    config.samples =
        new SampleColumns("tag", "value", Optional.of("q"), Optional.of("unit"), ValueType.AUTO);
    assertThat(new FilesSource().frames(config.build())).isEmpty();
    Read read = Read.all(config.build(), context);
    assertThat(read.column("tag")).containsExactly("a", "b", "a");
    assertThat(read.column("value")).containsExactly(1.5, null, null);
    assertThat(read.column("text")).containsExactly(null, "on", null);
    assertThat(read.column("status")).containsExactly(Quality.GOOD, Quality.GOOD, Quality.BAD);
    assertThat(context.rejects())
        .singleElement()
        .asString()
        .contains("unit: expected the unit 'bar' of this tag, got 'psi'");
  }

  @Test
  void anEmptyFileIsAnErrorAndAHeaderAloneIsNoRows() throws Exception {
    write("");
    assertThatThrownBy(() -> Read.all(Configs.at(file).build(), context))
        .hasMessageContaining("data.csv")
        .hasMessageContaining("empty");
    write("time,a\n");
    assertThat(Read.all(Configs.at(file).build(), context).rows).isEmpty();
    write("time,a");
    assertThat(Read.all(Configs.at(file).build(), context).rows).isEmpty();
  }

  @Test
  void aMissingFileAMissingColumnAndAWrongTimeFormatSayWhatToDo() throws Exception {
    assertThatThrownBy(() -> Read.all(Configs.at(file).build(), context))
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessageContaining(file.toString());
    write("when,a\n2026-01-01,1\n");
    assertThatThrownBy(() -> Read.all(Configs.at(file).build(), context))
        .hasMessageContaining("time.column")
        .hasMessageContaining("[when, a]");
    Configs config = Configs.at(file);
    config.timeColumn = Optional.of("when");
    config.timeFormat = "epoch-ms";
    assertThatThrownBy(() -> Read.all(config.build(), context))
        .hasMessageContaining("column 'when'")
        .hasMessageContaining("'2026-01-01'");
    CollectedVerification verification = new CollectedVerification();
    new FilesSource().verify(config.build(), verification);
    assertThat(verification.results()).hasSize(2).first().asString().endsWith(": ok");
    assertThat(verification.results().get(1)).contains("'2026-01-01'");
  }

  @Test
  void filesOfAFolderAreReadInTheOrderOfTheirNames() throws Exception {
    Files.writeString(folder.resolve("b.csv"), "x,time\n3,2026-01-03\n");
    Files.writeString(folder.resolve("a.csv"), "time,x\n2026-01-01,1\n2026-01-02,2");
    Files.writeString(folder.resolve(".hidden.csv"), "broken");
    Files.writeString(folder.resolve("c.csv.part"), "broken");
    assertThat(Read.all(Configs.at(folder).build(), context).column("x"))
        .containsExactly(1.0, 2.0, 3.0);
    assertThat(Read.all(Configs.at(folder.resolve("*.csv")).build(), context).column("x"))
        .containsExactly(1.0, 2.0, 3.0);
    assertThat(Read.all(Configs.at(folder.resolve("b*")).build(), context).column("x"))
        .containsExactly(3.0);
  }
}
