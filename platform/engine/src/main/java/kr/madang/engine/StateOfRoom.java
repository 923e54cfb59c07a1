package kr.madang.engine;

import kr.madang.journal.Journal;
import kr.madang.journal.JournalStatus;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** Shows in the state of a stage that it waits for room in the journal. */
final class StateOfRoom {
  private final StageState state;
  private boolean shown;

  StateOfRoom(StageState state) {
    this.state = state;
  }

  void missing(Journal journal) {
    JournalStatus status = journal.status();
    String why =
        status.state() == JournalStatus.State.OPEN
            ? "the journal of this stage is full: what it feeds does not keep up"
            : "the journal takes nothing: " + status.reason();
    shown = true;
    state.retrying(new PluginException(ErrorCode.EXHAUSTED, why), 1);
  }

  void found() {
    if (shown) {
      shown = false;
      state.set(PipelineStatus.State.RUNNING);
    }
  }
}
