package kr.madang.gateway;

import kr.madang.sdk.batch.Batch;

/** A row as a tap shows it, for those who print it elsewhere. */
public final class RowJson {
  private RowJson() {}

  /** One line of JSON: times as RFC 3339, statuses by name, what is no number as null. */
  public static String of(Batch batch, int row) {
    return BatchJson.row(batch, row);
  }
}
