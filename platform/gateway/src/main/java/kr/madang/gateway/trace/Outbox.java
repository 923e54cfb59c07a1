package kr.madang.gateway.trace;

import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.ReadWriteSpan;
import io.opentelemetry.sdk.trace.ReadableSpan;
import io.opentelemetry.sdk.trace.SpanProcessor;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Spans that wait for the collector: a bounded number, what comes on top is dropped and counted. A
 * collector that is away, slow or refuses costs spans and nothing else.
 */
final class Outbox implements SpanProcessor {
  static final int MOST = 2_048;

  private static final Logger LOG = LoggerFactory.getLogger(Outbox.class);

  private static final int TOGETHER = 512;
  private static final long WAIT_MILLIS = 200;
  private static final long EXPORT_SECONDS = 10;
  private static final long CLOSE_SECONDS = 2;

  private final String endpoint;
  private final SpanExporter exporter;
  private final BlockingQueue<SpanData> waiting = new ArrayBlockingQueue<>(MOST);
  private final LongAdder exported = new LongAdder();
  private final LongAdder failed = new LongAdder();
  private final LongAdder dropped = new LongAdder();
  private final CountDownLatch gone = new CountDownLatch(1);
  private volatile boolean closed;
  private boolean away;

  /**
   * Nothing waits.
   *
   * @param endpoint of the collector, for the log
   */
  Outbox(String endpoint, SpanExporter exporter) {
    this.endpoint = endpoint;
    this.exporter = exporter;
  }

  long exported() {
    return exported.sum();
  }

  long failed() {
    return failed.sum();
  }

  long dropped() {
    return dropped.sum();
  }

  /** Sends until it is closed, and then what is left. */
  void run() {
    List<SpanData> some = new ArrayList<>(TOGETHER);
    try {
      while (!closed || !waiting.isEmpty()) {
        SpanData first = waiting.poll(WAIT_MILLIS, TimeUnit.MILLISECONDS);
        if (first != null) {
          some.add(first);
          waiting.drainTo(some, TOGETHER - 1);
          send(some);
          some = new ArrayList<>(TOGETHER);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      exporter.shutdown();
      gone.countDown();
    }
  }

  private void send(List<SpanData> some) {
    boolean taken;
    try {
      taken = exporter.export(some).join(EXPORT_SECONDS, TimeUnit.SECONDS).isSuccess();
    } catch (RuntimeException e) {
      taken = false;
    }
    (taken ? exported : failed).add(some.size());
    if (away == taken) {
      away = !taken;
      LOG.warn(
          taken
              ? "the collector at {} takes spans again"
              : "the collector at {} takes no spans; they are lost until it does",
          endpoint);
    }
  }

  @Override
  public void onStart(Context parentContext, ReadWriteSpan span) {
    // spans are of interest when they have ended
  }

  @Override
  public boolean isStartRequired() {
    return false;
  }

  @Override
  public void onEnd(ReadableSpan span) {
    if (closed || !waiting.offer(span.toSpanData())) {
      dropped.increment();
    }
  }

  @Override
  public boolean isEndRequired() {
    return true;
  }

  @Override
  public CompletableResultCode shutdown() {
    closed = true;
    try {
      return gone.await(CLOSE_SECONDS, TimeUnit.SECONDS)
          ? CompletableResultCode.ofSuccess()
          : CompletableResultCode.ofFailure();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return CompletableResultCode.ofFailure();
    }
  }
}
