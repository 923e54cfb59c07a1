package kr.madang.toy;

import java.util.Set;
import kr.madang.sdk.testkit.contract.Told;

/** What is wrong with a toy transform, and which clauses must find it. */
enum TransformFlaw implements Wrong {
  DECLARES_ANOTHER_SCHEMA("theInputLeadsToOutputOfTheDeclaredSchema"),
  LOSES_ROWS("eachRowIsAccountedFor"),
  BY_CHANCE("theSameInputGivesTheSameBits"),
  FORGETS_ITS_STATE("anotherInstanceGoesOnByTheStateAtAnyBoundary"),
  BEGINS_ANEW_IN_EACH_BATCH("theSameRowsInOtherBatchesGiveTheSame"),
  KEEPS_WHAT_IS_BORROWED("batchesAreOnlyBorrowed"),
  FAILS_ON_NO_ROWS("anEmptyBatchIsHarmless"),
  ALWAYS_GOOD("anOutputOfBadInputsIsNotGood"),
  TAKES_ANYTHING("aSchemaThatDoesNotFitIsRefused"),
  THREAD_LEFT("livesLeaveNothing"),
  CLOSES_ONCE("closingTwiceIsHarmless");

  private final Set<String> clauses;

  TransformFlaw(String... clauses) {
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
