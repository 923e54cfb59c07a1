package kr.madang.plugins.kafka;

import kr.madang.sdk.batch.Batch;

/** Makes records of rows. One thread. */
interface Encoder {
  /** Takes a record. */
  @FunctionalInterface
  interface Output {
    /**
     * A record of some rows.
     *
     * @param key may be null
     * @param first number of its first row in the batch
     */
    void record(byte @org.jspecify.annotations.Nullable [] key, byte[] value, int first, int rows);
  }

  /** Makes the records of a batch from a row on. */
  void encode(Batch batch, int from, Output out) throws Exception;
}
