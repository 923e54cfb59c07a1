package kr.madang.toy;

import java.util.Set;
import kr.madang.sdk.testkit.contract.Told;

/** What is wrong with a toy, and which clauses must find it. */
enum Flaw implements Wrong {
  NAME_WITH_BLANK("theNameCanBeSaidInAPipeline"),
  UNDOCUMENTED_FIELD("theConfigIsARecordInWhichEachFieldIsDocumented"),
  OPEN_PASSWORD("passwordsAreSecrets"),
  UNCHECKED_CONFIG("aWrongConfigIsFoundBeforeOpeningAndItsFieldIsNamed"),
  VERIFIES_NOTHING("verifyingPassesWhenAllIsWell", "verifyingFindsADeviceThatIsAway"),
  VERIFIES_BLINDLY("verifyingFindsADeviceThatIsAway"),
  OWN_RECEIVE_TIME("whatTheDeviceSaysArrives"),
  UNDECLARED_TAG("eachTagIsDeclaredBeforeOpening"),
  TIME_OF_ARRIVAL("theTimeAtTheSourceIsKept", "aTimeThatDoesNotFitIsLeftOutAndTheSampleIsNotGood"),
  TIME_THAT_WRAPS("aTimeThatDoesNotFitIsLeftOutAndTheSampleIsNotGood"),
  BAD_AS_GOOD("aValueThatCannotBeUsedIsBadAndTheOthersAreGood", "aStatusArrivesUnchanged"),
  COARSE_STATUS("aStatusArrivesUnchanged"),
  LOSES_SOME("noChangeIsMissing"),
  POSITION_TOO_EARLY("itGoesOnExactlyBehindAPosition"),
  SETTLES_AT_ONCE("whatWasNotAcceptedComesAgain"),
  SKIPS_WHAT_WAS("whatWasNotAcceptedComesAgain", "whatHappenedWhileNobodyWasThereIsFetched"),
  NEVER_STOPS("itStopsWhenItIsTold"),
  DEAF_TO_INTERRUPTS("anInterruptEndsACallThatWaits"),
  CLOSES_ONCE("closingTwiceIsHarmless"),
  PLAIN_EXCEPTION_WHEN_REFUSED("aDeviceThatRefusesIsAnErrorThatCanPass"),
  WAITS_FOR_EVER_AT_OPENING("aDeviceThatIsSilentFromTheStartIsAnErrorThatCanPass"),
  GIVES_UP_WHEN_HUNG_UP("aDeviceThatHangsUpAtOnceIsAnErrorThatCanPass"),
  STALE_WHEN_CUT(
      "aCutConnectionIsAnErrorThatCanPass",
      "aConnectionThatWasFinishedIsAnErrorThatCanPass",
      "aNewSourceGoesOnWhenTheDeviceIsBack"),
  STALE_WHEN_SILENT("aConnectionThatFallsSilentIsAnErrorThatCanPass"),
  GARBAGE_IS_A_BUG("garbageIsAnErrorThatCanPass"),
  GARBAGE_AT_OPENING_IS_A_BUG("garbageAtOpeningIsAnErrorThatCanPass"),
  ONE_READ_ONE_LINE("answersInSingleBytesAreAnswers"),
  DEAD_FOR_GOOD("aNewSourceGoesOnWhenTheDeviceIsBack"),
  SOCKET_LEFT_WHEN_OPENING_FAILS("failedOpeningsLeaveNothing"),
  THREAD_LEFT("livesLeaveNothing"),
  LOADER_HELD("theClassLoaderCanGo"),
  COMMANDS_BLINDLY("aCommandIsConfirmedByTheDevice"),
  PAGES_REPEAT("browsingInPagesFindsTheSame");

  private final Set<String> clauses;

  Flaw(String... clauses) {
    this.clauses = Set.of(clauses);
  }

  @Override
  public Set<String> clauses() {
    return clauses;
  }

  /** Whether this is what is wrong on this thread. */
  boolean here() {
    return Told.is(name());
  }
}
