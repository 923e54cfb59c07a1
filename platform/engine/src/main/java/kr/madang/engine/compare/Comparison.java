package kr.madang.engine.compare;

import java.util.List;

/**
 * How the results of two replays compare. Numbers that cannot be told (a mean of nothing, a ratio
 * to 0) are null, so that it can be written as JSON.
 *
 * @param verdict the outcome in one line
 * @param findings what stands out, a sentence each, the most important first
 * @param agreement of everything that was compared
 * @param a what is known about the first result
 * @param b what is known about the second result
 * @param options how was compared
 * @param sinks by name
 * @param cost time per 1,000 input rows
 * @param notes what could not be compared, or only with a restriction
 */
public record Comparison(
    String verdict,
    List<String> findings,
    Agreement agreement,
    ResultSummary a,
    ResultSummary b,
    CompareOptions options,
    List<SinkComparison> sinks,
    CostComparison cost,
    List<String> notes) {
  /** Copies the lists. */
  public Comparison {
    findings = List.copyOf(findings);
    sinks = List.copyOf(sinks);
    notes = List.copyOf(notes);
  }
}
