package kr.madang.sdk.testkit;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.transform.BatchOutput;
import org.jspecify.annotations.Nullable;

/** Keeps what a transform emits and counts. */
public final class CollectedOutput implements BatchOutput, AutoCloseable {
  private final List<Batch> batches = new ArrayList<>();
  private final List<String> rejects = new ArrayList<>();
  private final Map<String, Long> dropped = new TreeMap<>();
  private long filtered;
  private long rejected;

  @Override
  public void emit(Batch batch) {
    batches.add(batch);
  }

  @Override
  public void filtered(long rows) {
    filtered += rows;
  }

  @Override
  public void dropped(String policy, long rows) {
    dropped.merge(policy, rows, Long::sum);
  }

  @Override
  public void reject(Batch in, BitSet rows, String why) {
    rejected += rows.cardinality();
    rejects.add(rows + " → " + why);
  }

  /** The batches so far; closed with this. */
  public List<Batch> batches() {
    return batches;
  }

  /** All rows so far, see {@link Rows#of}. */
  public List<Map<String, @Nullable Object>> rows() {
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    batches.forEach(batch -> rows.addAll(Rows.of(batch)));
    return rows;
  }

  /** One line for each call of {@link #reject}. */
  public List<String> rejects() {
    return rejects;
  }

  /** Rows rejected so far. */
  public long rejectedRows() {
    return rejected;
  }

  /** Rows filtered so far. */
  public long filteredRows() {
    return filtered;
  }

  /** Rows dropped so far, by policy. */
  public Map<String, Long> dropped() {
    return dropped;
  }

  @Override
  public void close() {
    batches.forEach(Batch::close);
    batches.clear();
  }
}
