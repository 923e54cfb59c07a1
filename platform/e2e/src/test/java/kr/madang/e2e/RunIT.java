package kr.madang.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The verbs in the foreground. */
class RunIT {
  private static final String PIPELINE =
      """
      pipeline: copy
      source: { use: files, config: { path: in.csv } }
      sinks:
        - { use: files, config: { path: out, format: csv } }
      """;

  @TempDir Path folder;
  private Path temp;
  private Path pipeline;

  @BeforeEach
  void lay() throws Exception {
    temp = Files.createDirectory(folder.resolve("temp"));
    pipeline = Files.writeString(folder.resolve("copy.yaml"), PIPELINE);
  }

  @Test
  void aWholeFileGivesABalancedLedgerAndZero() throws Exception {
    csv("1.5", "2.5", "3.5");
    Madang.Ended ended = Madang.run(temp, "run", pipeline.toString());
    assertThat(ended.status()).as(ended.errors()).isZero();
    JsonNode ledger = Madang.JSON.readTree(ended.last());
    assertThat(ledger.at("/balanced").asBoolean()).as(ended.last()).isTrue();
    assertThat(ledger.at("/stages/0/in").asLong()).isEqualTo(3);
    try (Stream<Path> out = Files.list(folder.resolve("out"))) {
      assertThat(out.filter(file -> file.toString().endsWith(".csv"))).hasSize(1);
    }
    assertNothingLeft();
  }

  @Test
  void aCorruptRowIsKeptAndGivesThree() throws Exception {
    csv("1.5", "broken", "3.5");
    Files.writeString(
        pipeline,
        PIPELINE.replace("path: in.csv", "path: in.csv, columns: { flow: { type: double } }"));
    Madang.Ended ended = Madang.run(temp, "run", pipeline.toString());
    assertThat(ended.status()).as(ended.errors() + ended.lines()).isEqualTo(3);
    assertThat(Madang.JSON.readTree(ended.last()).at("/rejected").asLong()).isEqualTo(1);
    assertThat(ended.errors()).contains("broken").contains("flow");
  }

  @Test
  void aWrongDocumentNamesLineAndKeyAndGivesTwo() throws Exception {
    Files.writeString(pipeline, PIPELINE.replace("format:", "fromat:"));
    Madang.Ended ended = Madang.run(temp, "run", pipeline.toString());
    assertThat(ended.status()).isEqualTo(2);
    assertThat(ended.errors()).contains("fromat").contains("format").contains("line 4");
    assertThat(Madang.run(temp, "check", pipeline.toString()).status()).isEqualTo(2);
    assertThat(Madang.run(temp, "run", folder.resolve("none.yaml").toString()).status())
        .isEqualTo(2);
    assertNothingLeft();
  }

  @Test
  void aCheckSaysStepByStepWhatIsRight() throws Exception {
    csv("1.5");
    Madang.Ended ended = Madang.run(temp, "check", pipeline.toString());
    assertThat(ended.status()).as(ended.errors() + ended.lines()).isZero();
    assertThat(ended.lines()).hasSizeGreaterThan(2);
    assertThat(ended.last()).contains("can run");
  }

  @Test
  void versionHelpAndDoctorAnswer() throws Exception {
    assertThat(Madang.run(temp, "--version").lines()).containsExactly("madang 0.1.0");
    assertThat(Madang.run(temp, "serve", "--help").status()).isZero();
    assertThat(Madang.run(temp, "sevre").status()).isEqualTo(2);
    Madang.Ended doctor =
        Madang.run(temp, "doctor", "--port", "0", "--home", folder.resolve("home").toString());
    assertThat(doctor.status()).as(String.join("\n", doctor.lines())).isZero();
  }

  private void csv(String... values) throws Exception {
    StringBuilder text = new StringBuilder("time,flow\n");
    for (int i = 0; i < values.length; i++) {
      text.append("2026-01-01T00:00:0").append(i).append("Z,").append(values[i]).append('\n');
    }
    Files.writeString(folder.resolve("in.csv"), text);
  }

  private void assertNothingLeft() throws Exception {
    try (Stream<Path> left = Files.list(temp)) {
      assertThat(left).as("what is left in the temp folder").isEmpty();
    }
  }
}
