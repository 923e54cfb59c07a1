package kr.madang.e2e.harness;

import java.io.IOException;
import java.time.Duration;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.source.SampleEmitter;
import kr.madang.sdk.source.SubscribedSource;

/** Tells numbers as a broker does: what was not acknowledged comes again after a restart. */
final class Pushed implements SubscribedSource {
  private final SideFiles side;
  private final Pace pace;
  private final long first;

  Pushed(HarnessPlugin.Counting config) throws IOException {
    side = new SideFiles(config.folder());
    pace = new Pace(config);
    first = side.acknowledged() + 1;
    side.opened(first);
  }

  @Override
  public void run(SampleEmitter out) throws Exception {
    long next = first;
    while (!out.stopping()) {
      if (side.draining()) {
        side.ended(next);
        out.awaitStop();
        return;
      }
      int rows = pace.take(Duration.ofMillis(50));
      if (rows > 0) {
        long from = next;
        out.emit(
            next + rows - 1,
            writer -> {
              for (int i = 0; i < rows; i++) {
                writer.put("n", from + i, Quality.GOOD, SampleWriter.NO_TIME);
              }
            });
        next += rows;
      }
    }
  }

  @Override
  public void accepted(long token) throws IOException {
    side.acknowledge(token);
  }
}
