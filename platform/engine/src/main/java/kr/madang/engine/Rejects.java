package kr.madang.engine;

import java.util.BitSet;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.error.ErrorCode;

/** Where rows go that a stage cannot take. Never throws, never blocks a stream for long. */
interface Rejects {

  /**
   * Keeps rows of a batch and counts them as rejected.
   *
   * @param attempts how often the stage has tried them
   */
  void keep(
      Account account,
      String stage,
      Batch batch,
      BitSet rows,
      ErrorCode code,
      String why,
      int attempts);

  /** Keeps one row that never became part of a batch and counts it as read and rejected. */
  void keepText(Account account, String stage, String row, String why);

  /** Counts what is rejected and keeps nothing. */
  Rejects COUNTED =
      new Rejects() {
        @Override
        public void keep(
            Account account,
            String stage,
            Batch batch,
            BitSet rows,
            ErrorCode code,
            String why,
            int attempts) {
          account.rejected(rows.get(0, batch.rows()).cardinality());
        }

        @Override
        public void keepText(Account account, String stage, String row, String why) {
          account.begin(1);
          account.rejected(1);
        }
      };
}
