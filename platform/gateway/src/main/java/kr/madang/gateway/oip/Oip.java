package kr.madang.gateway.oip;

import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import java.util.function.IntConsumer;
import kr.madang.control.Control;
import kr.madang.gateway.trace.Tracing;

/**
 * The doors of the protocol over HTTP. One for all event loops, each of which has a {@link Loop}.
 */
public final class Oip {
  final Control control;
  final Limits limits;
  final String version;
  final Executor blocking;
  final BooleanSupplier ready;
  final IntConsumer answered;
  final BiFunction<Throwable, String, String> incident;
  final Heap heap;
  final Tracing tracing;

  /**
   * Bounds.
   *
   * @param bodyBytes of a request for inference
   * @param grace how long a body may take in any case
   * @param bytesPerSecond the least rate of a body that takes longer than that
   */
  public record Limits(int bodyBytes, Duration grace, int bytesPerSecond) {}

  /**
   * Serves what control has.
   *
   * @param version of the distribution
   * @param blocking runs what may block, on a virtual thread of its own
   * @param ready whether requests are served
   * @param answered told the status of each answer, on any thread
   * @param incident logs what nobody expected, at a path, and gives back what a client is told
   * @param tracing which calls become spans
   */
  public Oip(
      Control control,
      Limits limits,
      String version,
      Executor blocking,
      BooleanSupplier ready,
      IntConsumer answered,
      BiFunction<Throwable, String, String> incident,
      Tracing tracing) {
    this.control = control;
    this.limits = limits;
    this.version = version;
    this.blocking = blocking;
    this.ready = ready;
    this.answered = answered;
    this.incident = incident;
    this.tracing = tracing;
    this.heap = new Heap(Math.max(2L * limits.bodyBytes(), Runtime.getRuntime().maxMemory() / 4));
  }

  /** The doors on one event loop; called on it. */
  public Loop loop(Vertx vertx, Context context) {
    return new Loop(this, vertx, context);
  }
}
