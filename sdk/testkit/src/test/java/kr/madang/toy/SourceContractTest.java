package kr.madang.toy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import kr.madang.sdk.testkit.contract.SourceContract;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourceContractTest {
  private static Map<Flaw, Set<String>> failures = Map.of();

  @BeforeAll
  static void runAll() throws Exception {
    failures =
        Runs.failures(
            EnumSet.allOf(Flaw.class),
            EnumSet.of(Flaw.SOCKET_LEFT_WHEN_OPENING_FAILS, Flaw.THREAD_LEFT),
            SourceContractTest::contract);
  }

  @ParameterizedTest
  @ValueSource(
      classes = {ToyPolledContract.class, ToySubscribedContract.class, ToyLogContract.class})
  void aSourceThatIsRightPasses(Class<?> contract) {
    assertThat(Runs.failures(contract)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(Flaw.class)
  void aSourceThatIsWrongFailsAtTheClauseThatSaysSo(Flaw flaw) {
    assertThat(failures.get(flaw)).containsAll(flaw.clauses());
  }

  private static Class<?> contract(Flaw flaw) {
    return switch (flaw) {
      case LOSES_SOME, SETTLES_AT_ONCE, SKIPS_WHAT_WAS, NEVER_STOPS -> ToySubscribedContract.class;
      case POSITION_TOO_EARLY, DEAF_TO_INTERRUPTS -> ToyLogContract.class;
      default -> ToyPolledContract.class;
    };
  }

  @Test
  void eachClauseHasAPluginThatBreaksIt() {
    Set<String> broken = new TreeSet<>();
    Stream.of(Flaw.values()).forEach(flaw -> broken.addAll(flaw.clauses()));
    assertThat(Runs.clauses(SourceContract.class)).isEqualTo(broken);
  }
}
