package kr.madang.engine.compare;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import kr.madang.engine.compare.CostComparison.Figure;
import kr.madang.engine.compare.NumberComparison.Difference;
import kr.madang.engine.compare.SinkComparison.MissingRun;
import kr.madang.engine.compare.SinkComparison.Presence;
import kr.madang.engine.compare.SinkComparison.Rows;

/** Puts the outcome into words. */
final class Verdict {
  private static final int COLUMNS_TOLD = 3;
  static final double SHIFTED = 0.25;
  private static final double SLOWER = 1.1;

  private final List<SinkComparison> sinks;
  private final CostComparison cost;
  private final List<String> findings = new ArrayList<>();

  private Verdict(List<SinkComparison> sinks, CostComparison cost) {
    this.sinks = sinks;
    this.cost = cost;
  }

  static Comparison of(
      ResultSummary a,
      ResultSummary b,
      CompareOptions options,
      List<SinkComparison> sinks,
      List<String> notes) {
    List<String> all = new ArrayList<>();
    if (a.inputRows() != b.inputRows()
        || !Objects.equals(a.from(), b.from())
        || !Objects.equals(a.to(), b.to())) {
      all.add(
          "The two results come from different inputs: "
              + input("A", a)
              + "; "
              + input("B", b)
              + ".");
    }
    all.addAll(notes);
    CostComparison cost = CostComparison.of(a, b);
    Verdict verdict = new Verdict(sinks, cost);
    Agreement agreement =
        sinks.stream().map(SinkComparison::agreement).reduce(Agreement.IDENTICAL, Agreement::worse);
    verdict.find();
    return new Comparison(
        verdict.line(agreement), verdict.findings, agreement, a, b, options, sinks, cost, all);
  }

  private static String input(String side, ResultSummary summary) {
    return side
        + " has "
        + Say.count(summary.inputRows(), "row", "rows")
        + " from "
        + Say.moment(summary.from())
        + " to "
        + Say.moment(summary.to());
  }

  private String line(Agreement agreement) {
    long pairs = sinks.stream().mapToLong(sink -> sink.rows().both()).sum();
    if (sinks.isEmpty()) {
      return "Neither result has a sink: there is nothing to compare.";
    }
    String rows =
        Say.count(pairs, "row", "rows") + " in " + Say.count(sinks.size(), "sink", "sinks");
    return switch (agreement) {
      case IDENTICAL ->
          pairs == 0
              ? "Both results are empty."
              : "The results are identical, bit for bit: " + rows + ".";
      case WITHIN_TOLERANCE -> "The results agree within tolerance: " + rows + ".";
      case DIFFERENT -> "Results differ" + where() + ".";
    };
  }

  private String where() {
    long all = 0;
    long agreeing = 0;
    long columns = 0;
    long differing = 0;
    for (SinkComparison sink : sinks) {
      Rows rows = sink.rows();
      all += rows.both() + rows.onlyA() + rows.onlyB();
      agreeing += rows.equal() + rows.within();
      columns += sink.columns().size();
      differing +=
          sink.columns().stream()
              .filter(column -> column.agreement() == Agreement.DIFFERENT)
              .count();
    }
    String where = "";
    if (differing > 0) {
      where = " in " + Say.count(differing) + " of " + Say.count(columns, "column", "columns");
    } else if (columns > 0) {
      where = ", though no column does in the rows that both have";
    }
    String share =
        all == 0 ? "" : "; " + Say.percent((double) agreeing / all) + " of rows within tolerance";
    return where + share;
  }

  private void find() {
    for (SinkComparison sink : sinks) {
      if (sink.problem() != null) {
        findings.add("Sink " + sink.sink() + " could not be compared: " + sink.problem() + ".");
      } else if (sink.presence() != Presence.BOTH) {
        Rows rows = sink.rows();
        boolean inA = sink.presence() == Presence.ONLY_A;
        findings.add(
            "Sink %s is only in %s, with %s."
                .formatted(
                    sink.sink(),
                    inA ? "A" : "B",
                    Say.count(rows.onlyA() + rows.onlyB(), "row", "rows")));
      }
    }
    columns();
    for (SinkComparison sink : sinks) {
      if (sink.presence() == Presence.BOTH) {
        rows(sink);
        oneSided(sink, "A", sink.onlyInA());
        oneSided(sink, "B", sink.onlyInB());
      }
    }
    cost();
  }

  private record Told(String name, ColumnComparison column, double share) {}

  private void columns() {
    List<Told> differing =
        sinks.stream()
            .flatMap(sink ->
                sink.columns().stream()
                    .filter(column -> column.agreement() == Agreement.DIFFERENT)
                    .map(column -> new Told(name(sink, column), column, badness(column))))
            .sorted(Comparator.comparingDouble((Told told) -> -told.share()))
            .toList();
    differing.stream().limit(COLUMNS_TOLD).forEach(told -> column(told.name(), told.column()));
    if (differing.size() > COLUMNS_TOLD) {
      findings.add(
          Say.count(differing.size() - COLUMNS_TOLD, "more column differs", "more columns differ")
              + ".");
    }
  }

  private static double badness(ColumnComparison column) {
    long bad = column.beyond() + (column.statuses() == null ? 0 : column.statuses().differ());
    return column.rows() == 0 ? 0 : (double) bad / column.rows();
  }

  private String name(SinkComparison sink, ColumnComparison column) {
    return sinks.size() == 1 ? column.name() : sink.sink() + " " + column.name();
  }

  private void column(String name, ColumnComparison column) {
    NumberComparison numbers = column.numbers();
    TextComparison texts = column.texts();
    StatusComparison statuses = column.statuses();
    if (column.beyond() > 0) {
      StringBuilder said =
          new StringBuilder(
              "%s: %s of %s beyond tolerance"
                  .formatted(
                      name, Say.count(column.beyond()), Say.count(column.rows(), "row", "rows")));
      if (numbers != null && !numbers.greatest().isEmpty()) {
        Difference most = numbers.greatest().getFirst();
        said.append(
            "; farthest apart at %s (A %s, B %s)"
                .formatted(Say.moment(most.time()), Say.number(most.a()), Say.number(most.b())));
      }
      if (texts != null && !texts.pairs().isEmpty()) {
        var most = texts.pairs().getFirst();
        said.append(
            "; most often “%s” became “%s” (%s)"
                .formatted(most.a(), most.b(), Say.count(most.rows(), "row", "rows")));
      }
      long oneSided = column.missingInA() + column.missingInB();
      if (oneSided > 0) {
        said.append("; in ").append(Say.count(oneSided)).append(" of them only one has a value");
      }
      findings.add(said.append('.').toString());
    }
    if (statuses != null && statuses.differ() > 0) {
      var most = statuses.changes().getFirst();
      findings.add(
          "%s: the status differs in %s, most often %s in A and %s in B."
              .formatted(name, Say.count(statuses.differ(), "row", "rows"), most.a(), most.b()));
    }
    Double shift = numbers == null ? null : numbers.stabilityIndex();
    if (shift != null && shift > SHIFTED) {
      findings.add(
          "%s: its distribution has shifted (stability index %s)."
              .formatted(name, Say.number(shift)));
    }
  }

  private void rows(SinkComparison sink) {
    Rows rows = sink.rows();
    if (rows.onlyA() + rows.onlyB() == 0) {
      return;
    }
    String said =
        "Sink %s: %s only in A, %s only in B"
            .formatted(
                sink.sink(), Say.count(rows.onlyA(), "row", "rows"), Say.count(rows.onlyB()));
    if (!sink.missing().isEmpty()) {
      MissingRun most = sink.missing().getFirst();
      said +=
          "; the longest run is %s in %s from %s"
              .formatted(
                  Say.count(most.rows(), "row", "rows"), most.side(), Say.moment(most.from()));
    }
    findings.add(said + ".");
  }

  private void oneSided(SinkComparison sink, String side, List<String> names) {
    if (!names.isEmpty()) {
      findings.add(
          "Sink %s: only %s has %s."
              .formatted(
                  sink.sink(),
                  side,
                  names.stream().limit(5).collect(Collectors.joining(", "))
                      + (names.size() > 5 ? " and " + Say.count(names.size() - 5) + " more" : "")));
    }
  }

  private void cost() {
    Figure wall = cost.wall();
    Figure cpu = cost.cpu();
    if (isTold(wall)) {
      findings.add(
          "B takes %s the time of A: %s against %s for 1,000 input rows%s."
              .formatted(
                  Say.ratio(wall.ratio()),
                  Say.nanos(wall.b()),
                  Say.nanos(wall.a()),
                  cpu.ratio() == null ? "" : "; CPU time " + Say.ratio(cpu.ratio())));
    } else if (isTold(cpu)) {
      findings.add(
          "B takes %s the CPU time of A: %s against %s for 1,000 input rows."
              .formatted(Say.ratio(cpu.ratio()), Say.nanos(cpu.b()), Say.nanos(cpu.a())));
    }
  }

  private static boolean isTold(Figure figure) {
    Double ratio = figure.ratio();
    return ratio != null && (ratio > SLOWER || ratio < 1 / SLOWER);
  }
}
