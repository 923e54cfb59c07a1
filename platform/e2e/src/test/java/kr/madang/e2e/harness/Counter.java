package kr.madang.e2e.harness;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.source.SourceContext;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** Remembers, since its rows follow from their numbers; a position is the next number. */
final class Counter implements LogSource {
  // 2026-01-01, in nanoseconds; a row each millisecond.
  private static final long FIRST = 1_767_225_600_000_000_000L;
  // The end is a multiple of this, so that no window of the harness is left open.
  private static final int END_STEP = 100;

  private final SideFiles side;
  private final Pace pace;
  private final FrameWriter writer;
  private final String padding;
  private long next;

  Counter(HarnessPlugin.Counting config, SourceContext context) throws IOException {
    side = new SideFiles(config.folder());
    pace = new Pace(config);
    writer = new FrameWriter(context.allocator(), schema(config));
    padding = "x".repeat(config.padding());
    next = context.position().map(position -> Long.parseLong(position.value())).orElse(0L);
    side.opened(next);
  }

  static Schema schema(HarnessPlugin.Counting config) {
    List<Field> fields = new ArrayList<>();
    fields.add(Frames.field("n", Frames.DOUBLE, "", ""));
    if (config.padding() > 0) {
      fields.add(Frames.field("padding", ArrowType.Utf8.INSTANCE, "", ""));
    }
    return Frames.schema(fields);
  }

  @Override
  public Poll poll(Duration atMost) throws Exception {
    boolean draining = side.draining();
    if (draining && next % END_STEP == 0 && next > 0) {
      side.ended(next);
      return new Poll.Done();
    }
    int rows = pace.take(atMost);
    if (draining) {
      rows = (int) Math.min(rows, END_STEP - next % END_STEP);
    }
    if (rows == 0) {
      return new Poll.Idle();
    }
    for (int i = 0; i < rows; i++) {
      writer.begin(FIRST + next * 1_000_000);
      writer.set(0, next, Quality.GOOD);
      if (!padding.isEmpty()) {
        writer.setText(1, padding, Quality.GOOD);
      }
      next++;
    }
    return new Poll.Rows(writer.take(), new Position(Long.toString(next)));
  }

  @Override
  public void acknowledge(Position position) throws IOException {
    side.acknowledge(Long.parseLong(position.value()) - 1);
  }

  @Override
  public void close() {
    writer.close();
  }
}
