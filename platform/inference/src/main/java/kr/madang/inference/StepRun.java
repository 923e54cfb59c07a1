package kr.madang.inference;

/**
 * A batch of a pipeline that a model has run.
 *
 * @param place which step of which pipeline
 * @param version exact
 * @param began at {@code System.nanoTime()}
 * @param ended likewise
 * @param queuedNanos that it waited for a core
 * @param runNanos that the graph took; 0 where a center has run it
 */
public record StepRun(
    Drift.Place place,
    String model,
    String version,
    long rows,
    long began,
    long ended,
    long queuedNanos,
    long runNanos,
    boolean atCenter) {}
