package kr.madang.toy;

import java.util.Set;
import kr.madang.sdk.testkit.contract.Told;

/** What is wrong with a toy model, and which clauses must find it. */
enum ModelFlaw implements Wrong {
  SCALES_A_STRANGER("theSpecHoldsTogether"),
  OFF("theGoldenSamplesAreReproduced"),
  DEPENDS_ON_THE_BATCH("aRowAloneGivesWhatItGivesInABatch"),
  COUNTS_ITS_RUNS("nothingIsKeptFromRunToRun");

  private final Set<String> clauses;

  ModelFlaw(String... clauses) {
    this.clauses = Set.of(clauses);
  }

  @Override
  public Set<String> clauses() {
    return clauses;
  }

  boolean here() {
    return Told.is(name());
  }
}
