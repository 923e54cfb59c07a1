package kr.madang.engine.compare;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeSet;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Compares the results of two replays. Reads each file twice, batch by batch: memory grows with the
 * number of columns, not with that of rows. Safe for any thread; a call that is interrupted ends
 * with a {@link java.nio.channels.ClosedByInterruptException}.
 */
public final class Comparer {
  private final BufferAllocator allocator;

  /**
   * A comparer.
   *
   * @param allocator for one batch of each side at a time; not closed
   */
  public Comparer(BufferAllocator allocator) {
    this.allocator = allocator;
  }

  /**
   * Compares all sinks of two results. A sink that cannot be read or compared is told of in the
   * comparison, the others go on.
   *
   * @throws IOException if a folder cannot be listed
   */
  public Comparison compare(ResultFolder a, ResultFolder b, CompareOptions options)
      throws IOException {
    SortedMap<String, Path> inA = a.sinks();
    SortedMap<String, Path> inB = b.sinks();
    TreeSet<String> names = new TreeSet<>(inA.keySet());
    names.addAll(inB.keySet());
    List<String> notes = new ArrayList<>();
    List<SinkComparison> sinks = new ArrayList<>();
    for (String name : names) {
      SinkComparer comparer = new SinkComparer(name, options, allocator, notes);
      Path ofA = inA.get(name);
      Path ofB = inB.get(name);
      SinkComparison sink;
      if (ofA != null && ofB != null) {
        sink = comparer.compare(ofA, ofB);
      } else if (ofA != null) {
        sink = comparer.alone(true, ofA);
      } else {
        sink = comparer.alone(false, b.file(name));
      }
      sinks.add(sink);
      if (sink.problem() == null) {
        check(notes, "A", a.summary(), name, sink.rows().a());
        check(notes, "B", b.summary(), name, sink.rows().b());
      }
    }
    return Verdict.of(a.summary(), b.summary(), options, sinks, notes);
  }

  /** A file in the stream format that was cut at the end of a batch looks whole. */
  private static void check(
      List<String> notes, String side, ResultSummary summary, String sink, long rows) {
    long told = summary.outputRows().getOrDefault(sink, rows);
    if (told != rows) {
      notes.add(
          "Sink %s: the file of %s holds %s, its summary says %s; it may be cut."
              .formatted(sink, side, Say.count(rows, "row", "rows"), Say.count(told)));
    }
  }
}
