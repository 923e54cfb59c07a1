package kr.madang.toy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import kr.madang.sdk.testkit.contract.ModelContract;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ModelContractTest {
  private static Map<ModelFlaw, Set<String>> failures = Map.of();

  @BeforeAll
  static void runAll() throws Exception {
    failures = Runs.failures(EnumSet.allOf(ModelFlaw.class), Set.of(), _ -> ToyModelContract.class);
  }

  @Test
  void aModelThatIsRightPasses() {
    assertThat(Runs.failures(ToyModelContract.class)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(ModelFlaw.class)
  void aModelThatIsWrongFailsAtTheClauseThatSaysSo(ModelFlaw flaw) {
    assertThat(failures.get(flaw)).containsAll(flaw.clauses());
  }

  @Test
  void eachClauseHasAModelThatBreaksIt() {
    Set<String> broken = new TreeSet<>();
    Stream.of(ModelFlaw.values()).forEach(flaw -> broken.addAll(flaw.clauses()));
    assertThat(Runs.declared(ModelContract.class)).isEqualTo(broken);
  }
}
