package kr.madang.toy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import kr.madang.sdk.testkit.contract.TransformContract;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TransformContractTest {
  private static Map<TransformFlaw, Set<String>> failures = Map.of();

  @BeforeAll
  static void runAll() throws Exception {
    failures =
        Runs.failures(
            EnumSet.allOf(TransformFlaw.class),
            EnumSet.of(TransformFlaw.THREAD_LEFT),
            _ -> ToyTransformContract.class);
  }

  @Test
  void aTransformThatIsRightPasses() {
    assertThat(Runs.failures(ToyTransformContract.class)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(TransformFlaw.class)
  void aTransformThatIsWrongFailsAtTheClauseThatSaysSo(TransformFlaw flaw) {
    assertThat(failures.get(flaw)).containsAll(flaw.clauses());
  }

  @Test
  void eachClauseHasATransformThatBreaksIt() {
    Set<String> broken = new TreeSet<>();
    Stream.of(TransformFlaw.values()).forEach(flaw -> broken.addAll(flaw.clauses()));
    assertThat(Runs.declared(TransformContract.class)).isEqualTo(broken);
  }
}
