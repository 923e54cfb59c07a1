package kr.madang.toy;

import java.util.Set;
import kr.madang.sdk.testkit.contract.Told;

/** What is wrong with a toy sink, and which clauses must find it. */
enum SinkFlaw implements Wrong {
  LOSES_EVERY_TENTH("whatIsWrittenIsThereWhenItIsFinished"),
  WRITES_WHEN_CLOSED("whatIsNotHeldIsThere"),
  FAILS_ON_NO_ROWS("anEmptyBatchIsHarmless"),
  TIME_OF_ARRIVAL("theTimeAtTheSourceIsKept"),
  COARSE_STATUS("aStatusArrivesUnchanged"),
  BAD_AS_GOOD("aBadRowIsNeverGood"),
  NO_NAMES("rowsWrittenAgainAreThereOnce"),
  NAMES_OF_CONTENT("rowsOfOtherNamesAreOtherRows"),
  CLOSES_BATCHES("aBatchIsOnlyBorrowed"),
  PLAIN_EXCEPTION_WHEN_REFUSED("aStoreThatRefusesIsAnErrorThatCanPass"),
  WAITS_FOR_EVER_AT_OPENING("aStoreThatIsSilentFromTheStartIsAnErrorThatCanPass"),
  GIVES_UP_WHEN_HUNG_UP("aStoreThatHangsUpAtOnceIsAnErrorThatCanPass"),
  GARBAGE_AT_OPENING_IS_A_BUG("garbageAtOpeningIsAnErrorThatCanPass"),
  CUT_IS_DONE("aCutConnectionIsAnErrorThatCanPassAndNothingIsLost"),
  SILENCE_IS_DONE("aConnectionThatFallsSilentIsAnErrorThatCanPassAndNothingIsLost"),
  GARBAGE_IS_A_BUG("garbageIsAnErrorThatCanPassAndNothingIsLost"),
  ONE_READ_ONE_LINE("answersInSingleBytesAreAnswers"),
  INTERRUPTED_IS_DONE("anInterruptEndsAWriteThatWaits"),
  CLOSES_ONCE("closingTwiceIsHarmless"),
  CHECKS_AT_THE_STORE("checkingDoesNotTouchTheStore"),
  SOCKET_LEFT_WHEN_OPENING_FAILS("failedOpeningsLeaveNothing"),
  THREAD_LEFT("livesLeaveNothing"),
  LOADER_HELD("theClassLoaderCanGo"),
  VERIFIES_NOTHING("verifyingPassesWhenAllIsWell", "verifyingFindsAStoreThatIsAway"),
  VERIFIES_BLINDLY("verifyingFindsAStoreThatIsAway");

  private final Set<String> clauses;

  SinkFlaw(String... clauses) {
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
