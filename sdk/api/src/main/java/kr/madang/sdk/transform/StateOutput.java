package kr.madang.sdk.transform;

import kr.madang.sdk.ProvidedByHost;
import kr.madang.sdk.batch.Batch;

/** Takes the state of a step, under keys that the step chooses. */
@ProvidedByHost
public interface StateOutput {

  /** Keeps an integer. */
  void putLong(String key, long value);

  /** Keeps a number. */
  void putDouble(String key, double value);

  /** Keeps bytes; copied at once. */
  void putBytes(String key, byte[] value);

  /** Keeps rows; written at once, the batch stays the step's. */
  void putBatch(String key, Batch value);
}
