package kr.madang.sdk.transform;

import java.util.BitSet;
import kr.madang.sdk.ProvidedByHost;
import kr.madang.sdk.batch.Batch;

/** Where a step puts its results and the account of its input rows. */
@ProvidedByHost
public interface BatchOutput {

  /** Passes a batch on; the host owns it from now on. Blocks while downstream is full. */
  void emit(Batch batch) throws InterruptedException;

  /** Counts input rows that a condition of the config kept out. */
  void filtered(long rows);

  /**
   * Counts input rows that were lost by a policy of the config.
   *
   * @param policy a word or two, stable: {@code late}
   */
  void dropped(String policy, long rows);

  /** Keeps input rows that cannot be used, with the reason. */
  void reject(Batch in, BitSet rows, String why);
}
