package kr.madang.journal;

import java.util.List;

/** Records that are there together or not at all, waiting to be written. */
record Unit(List<Outgoing> records, long bytes, long since) {
  long lastOrder() {
    return records.getLast().order;
  }
}
