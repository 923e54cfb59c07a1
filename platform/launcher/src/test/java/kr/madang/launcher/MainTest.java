package kr.madang.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MainTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final PrintStream realOut = System.out;
  private final PrintStream realErr = System.err;

  @BeforeEach
  void listen() {
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
  }

  @AfterEach
  void giveBack() {
    System.setOut(realOut);
    System.setErr(realErr);
  }

  @Test
  void aGroupOfVerbsSaysWhatItDoes() {
    assertThat(Main.execute(List.of("journal"), Map.of())).isEqualTo(Main.BAD_CONFIG);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .contains("say which", "journal ls", "journal export")
        .doesNotContain("dead-letters");
    assertThat(Main.execute(List.of("journal", "--help"), Map.of())).isEqualTo(Main.OK);
    assertThat(out.toString(StandardCharsets.UTF_8)).contains("journal verify");
  }

  @Test
  void aVerbThatIsNoneIsNamedWithItsGroup() {
    assertThat(Main.execute(List.of("journal", "lst"), Map.of())).isEqualTo(Main.BAD_CONFIG);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("'journal lst'");
    assertThat(Main.execute(List.of("jornal", "ls"), Map.of())).isEqualTo(Main.BAD_CONFIG);
    assertThat(err.toString(StandardCharsets.UTF_8)).contains("'jornal'");
  }

  @Test
  void theHelpOfAVerbOfTwoWordsIsItsOwn() {
    assertThat(Main.execute(List.of("dead-letters", "replay", "--help"), Map.of()))
        .isEqualTo(Main.OK);
    assertThat(out.toString(StandardCharsets.UTF_8))
        .startsWith("madang dead-letters replay")
        .contains("PIPELINE [ID…]");
  }

  @Test
  void eachLineOfTheUsageIsOneVerb() {
    assertThat(Main.execute(List.of("--help"), Map.of())).isEqualTo(Main.OK);
    assertThat(out.toString(StandardCharsets.UTF_8).lines().skip(1).toList())
        .allSatisfy(
            line -> assertThat(line).matches("  [a-z].*\\.|madang VERB --help tells more\\."));
  }
}
