package kr.madang.toy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import kr.madang.sdk.testkit.contract.SinkContract;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SinkContractTest {
  private static Map<SinkFlaw, Set<String>> failures = Map.of();

  @BeforeAll
  static void runAll() throws Exception {
    failures =
        Runs.failures(
            EnumSet.allOf(SinkFlaw.class),
            EnumSet.of(SinkFlaw.SOCKET_LEFT_WHEN_OPENING_FAILS, SinkFlaw.THREAD_LEFT),
            _ -> ToySinkContract.class);
  }

  @Test
  void aSinkThatIsRightPasses() {
    assertThat(Runs.failures(ToySinkContract.class)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(SinkFlaw.class)
  void aSinkThatIsWrongFailsAtTheClauseThatSaysSo(SinkFlaw flaw) {
    assertThat(failures.get(flaw)).containsAll(flaw.clauses());
  }

  @Test
  void eachClauseHasASinkThatBreaksIt() {
    Set<String> broken = new TreeSet<>();
    Stream.of(SinkFlaw.values()).forEach(flaw -> broken.addAll(flaw.clauses()));
    assertThat(Runs.declared(SinkContract.class)).isEqualTo(broken);
  }
}
