package kr.madang.engine.compare;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import kr.madang.engine.compare.SinkComparison.Presence;
import kr.madang.engine.compare.SinkComparison.Rows;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.types.pojo.Field;

/** Compares the two files of one sink. */
final class SinkComparer {
  private final String sink;
  private final CompareOptions options;
  private final BufferAllocator allocator;
  private final List<String> notes;

  /**
   * For one sink.
   *
   * @param notes where restrictions are written to
   */
  SinkComparer(String sink, CompareOptions options, BufferAllocator allocator, List<String> notes) {
    this.sink = sink;
    this.options = options;
    this.allocator = allocator;
    this.notes = notes;
  }

  /** Compares both; a file that cannot be read becomes the sink's problem. */
  SinkComparison compare(Path a, Path b) throws ClosedByInterruptException {
    try {
      return both(a, b);
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      return problem(Presence.BOTH, String.valueOf(e.getMessage()));
    }
  }

  private SinkComparison both(Path a, Path b) throws IOException {
    Tags tags = new Tags();
    SinkPlan plan;
    SinkTally tally;
    try (ArrowFile ofA = new ArrowFile(a, allocator);
        ArrowFile ofB = new ArrowFile(b, allocator)) {
      plan = SinkPlan.of(ofA, ofB, options.key());
      if (plan.problem() != null) {
        return problem(Presence.BOTH, plan.problem());
      }
      tally = new SinkTally(plan.layout(), plan.samples(), tags, options);
      tally.scan(true, reader(ofA, plan, tags));
      tally.scan(false, reader(ofB, plan, tags));
      tally.lay();
    }
    try (ArrowFile ofA = new ArrowFile(a, allocator);
        ArrowFile ofB = new ArrowFile(b, allocator)) {
      Matcher matcher =
          new Matcher(reader(ofA, plan, tags), reader(ofB, plan, tags), plan.layout(), tally);
      matcher.run();
      if (matcher.givenUp() > 0) {
        note(
            Say.count(matcher.givenUp())
                + " rows are so far out of order that their partners were not waited for");
      }
    }
    plan.notes().forEach(this::note);
    if (tags.count() > tally.columns().size() && plan.samples()) {
      note(
          "of "
              + Say.count(tags.count())
              + " tags the first "
              + Say.count(tally.columns().size())
              + " are compared; of the others only rows are counted");
    }
    return result(plan, tally);
  }

  private RowReader reader(ArrowFile file, SinkPlan plan, Tags tags) {
    return plan.samples()
        ? new SampleReader(file, options.key(), tags)
        : new FrameReader(file, options.key(), plan.layout());
  }

  private SinkComparison result(SinkPlan plan, SinkTally tally) {
    Runs runs = tally.end();
    Rows rows = tally.rows();
    List<ColumnComparison> columns = new ArrayList<>();
    List<String> onlyInA = new ArrayList<>(plan.onlyInA());
    List<String> onlyInB = new ArrayList<>(plan.onlyInB());
    Agreement agreement =
        rows.onlyA() + rows.onlyB() + rows.beyond() > 0 || !plan.notes().isEmpty()
            ? Agreement.DIFFERENT
            : rows.within() > 0 ? Agreement.WITHIN_TOLERANCE : Agreement.IDENTICAL;
    for (ColumnTally tallied : tally.columns()) {
      ColumnComparison column = tallied.comparison();
      Presence presence = plan.samples() ? tallied.presence() : Presence.BOTH;
      if (presence == Presence.ONLY_A) {
        onlyInA.add(column.name());
      } else if (presence == Presence.ONLY_B) {
        onlyInB.add(column.name());
      } else {
        columns.add(column);
      }
    }
    if (!onlyInA.isEmpty() || !onlyInB.isEmpty()) {
      agreement = Agreement.DIFFERENT;
    }
    return new SinkComparison(
        sink,
        agreement,
        Presence.BOTH,
        null,
        rows,
        runs.longest(),
        runs.count(),
        columns,
        onlyInA,
        onlyInB);
  }

  /** Counts the rows of a sink that only one result has. */
  SinkComparison alone(boolean inA, Path file) throws ClosedByInterruptException {
    Presence presence = inA ? Presence.ONLY_A : Presence.ONLY_B;
    long rows = 0;
    List<String> names = new ArrayList<>();
    try (ArrowFile read = new ArrowFile(file, allocator)) {
      if (!SampleReader.reads(read)) {
        SinkPlan.fields(read.root(), options.key()).stream()
            .map(Field::getName)
            .forEach(names::add);
      }
      while (read.next()) {
        rows += read.root().getRowCount();
      }
    } catch (ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      return problem(presence, String.valueOf(e.getMessage()));
    }
    return new SinkComparison(
        sink,
        Agreement.DIFFERENT,
        presence,
        null,
        new Rows(inA ? rows : 0, inA ? 0 : rows, 0, inA ? rows : 0, inA ? 0 : rows, 0, 0, 0),
        List.of(),
        0,
        List.of(),
        inA ? names : List.of(),
        inA ? List.of() : names);
  }

  private SinkComparison problem(Presence presence, String problem) {
    return new SinkComparison(
        sink,
        Agreement.DIFFERENT,
        presence,
        problem,
        new Rows(0, 0, 0, 0, 0, 0, 0, 0),
        List.of(),
        0,
        List.of(),
        List.of(),
        List.of());
  }

  private void note(String text) {
    notes.add("Sink " + sink + ": " + text + ".");
  }
}
