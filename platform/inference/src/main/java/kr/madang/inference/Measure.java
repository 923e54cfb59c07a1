package kr.madang.inference;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** Measures how long runs of a model take, on made-up input and as far as time allows. */
final class Measure {
  private static final int[] SIZES = {1, 2, 8, 32, 128};
  private static final long SIZE_NANOS = 60_000_000;
  private static final long ALL_NANOS = 2_000_000_000;
  private static final int MOST_RUNS = 51;
  private static final int SOME = 5;

  private final LoadedModel model;
  private final MadeUp input;

  Measure(LoadedModel model) {
    this.model = model;
    this.input = new MadeUp(model.info());
  }

  /** Nanoseconds of the first run. */
  long first() throws InterruptedException {
    return run(input.rows(1));
  }

  /** A few runs of one row, for whoever looks on. */
  void some() throws InterruptedException {
    List<Tensor> one = input.rows(1);
    long end = System.nanoTime() + SIZE_NANOS;
    for (int i = 0; i < SOME && (i == 0 || System.nanoTime() < end); i++) {
      run(one);
    }
  }

  /**
   * Microseconds by rows, of which there is always one.
   *
   * @param most bytes that the process may grow by
   * @param before bytes that it had without a run
   */
  List<ImportReport.BatchTime> curve(long most, long before) throws InterruptedException {
    List<ImportReport.BatchTime> curve = new ArrayList<>();
    long end = System.nanoTime() + ALL_NANOS;
    for (int size : input.hasRows() ? SIZES : new int[] {1}) {
      if (size > 1
          && (!input.isHandy(size)
              || late(curve, size, end)
              || (Resident.peak() - before) / curve.getLast().rows() * size > most)) {
        break;
      }
      try {
        curve.add(time(size));
      } catch (PluginException e) {
        if (size == 1) {
          throw e;
        }
        break;
      }
    }
    return curve;
  }

  /** Whether a run of so many rows would pass the end, if rows cost what they did. */
  private static boolean late(List<ImportReport.BatchTime> curve, int size, long end) {
    ImportReport.BatchTime last = curve.getLast();
    double nanos = last.micros() * 1e3 * size / last.rows();
    return System.nanoTime() + (long) nanos > end;
  }

  private ImportReport.BatchTime time(int size) throws InterruptedException {
    List<Tensor> rows = input.rows(size);
    run(rows);
    List<Long> times = new ArrayList<>();
    long end = System.nanoTime() + SIZE_NANOS;
    do {
      times.add(run(rows));
    } while (times.size() < MOST_RUNS && System.nanoTime() < end);
    times.sort(null);
    return new ImportReport.BatchTime(size, times.get(times.size() / 2) / 1e3, times.size());
  }

  private long run(List<Tensor> tensors) throws InterruptedException {
    CompletableFuture<Long> done = new CompletableFuture<>();
    Ticket ticket =
        model.call(
            Tenant.NOBODY,
            new Call(tensors, List.of(), 0, Call.NEVER, false),
            Hold.BRIEF,
            new Reply() {
              @Override
              public void answered(Answer answer) {
                try (answer) {
                  done.complete(answer.runNanos());
                }
              }

              @Override
              public void failed(ErrorCode code, String message, Duration after) {
                done.completeExceptionally(new PluginException(code, message));
              }
            });
    try {
      return done.get();
    } catch (InterruptedException e) {
      ticket.cancel();
      done.exceptionally(_ -> 0L).join();
      throw e;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof PluginException known
          ? known
          : new PluginException(ErrorCode.BUG, String.valueOf(e.getCause()), e);
    }
  }
}
