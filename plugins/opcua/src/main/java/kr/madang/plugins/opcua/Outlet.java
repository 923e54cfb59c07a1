package kr.madang.plugins.opcua;

import java.util.List;
import java.util.function.Consumer;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.source.SampleEmitter;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.jspecify.annotations.Nullable;

/** Where rows leave the source. Used by the thread that runs it. */
final class Outlet {
  private static final String DATA_CHANGE = "i=811";
  private static final String STATUS_CHANGE = "i=820";
  private static final String EVENTS = "i=916";
  private static final String HISTORY = "i=658";

  private final SampleEmitter out;
  private final List<Target> targets;
  private final Values values;
  private final Oddities odd;
  private final Cursor cursor = new Cursor();
  private @Nullable SampleWriter bound;
  private long token;

  Outlet(SampleEmitter out, List<Target> targets, Oddities odd) {
    this.out = out;
    this.targets = targets;
    this.odd = odd;
    this.values = new Values(odd);
  }

  boolean stopping() {
    return out.stopping();
  }

  private void emit(Consumer<SampleWriter> rows) throws InterruptedException {
    odd.turn(System.nanoTime());
    out.emit(
        ++token,
        writer -> {
          if (bound != writer) {
            bound = writer;
            targets.forEach(target -> target.bind(writer));
          }
          rows.accept(writer);
        });
  }

  /** A Bad row for each tag of these. */
  void bad(List<Target> of, int status) throws InterruptedException {
    if (!of.isEmpty()) {
      emit(writer -> of.forEach(target -> target.bad(status, SampleWriter.NO_TIME, writer)));
    }
  }

  /** A Bad row for each tag of these, each with its own reason. */
  void problems(List<Target> of) throws InterruptedException {
    if (!of.isEmpty()) {
      emit(writer ->
          of.forEach(target -> target.bad(target.problem(), SampleWriter.NO_TIME, writer)));
    }
  }

  /**
   * The rows of one notification message, all or none.
   *
   * @return the status by which the server ends the subscription, or 0
   */
  int message(ExtensionObject[] parts) throws InterruptedException {
    int[] ended = new int[1];
    emit(writer -> {
      for (ExtensionObject part : parts) {
        ended[0] |= part(part, writer);
      }
    });
    return ended[0];
  }

  private int part(@Nullable ExtensionObject part, SampleWriter writer) {
    if (part == null || !(part.getBody() instanceof ByteString body)) {
      throw Cursor.wrong("a notification in binary", "something else");
    }
    switch (part.getEncodingOrTypeId().toParseableString()) {
      case DATA_CHANGE -> {
        changes(cursor.over(body.bytesOrEmpty()), writer);
        return 0;
      }
      case STATUS_CHANGE -> {
        int status = cursor.over(body.bytesOrEmpty()).i32();
        return status == 0 ? 1 : status;
      }
      case EVENTS -> {
        return 0; // Nobody asked for events.
      }
      default ->
          throw Cursor.wrong(
              "a notification of data or status", part.getEncodingOrTypeId().toParseableString());
    }
  }

  private void changes(Cursor in, SampleWriter writer) {
    int count = in.length(5);
    for (int i = 0; i < count; i++) {
      int handle = in.i32();
      if (handle < 0 || handle >= targets.size()) {
        throw Cursor.wrong(
            "a handle from 0 to " + (targets.size() - 1), Integer.toUnsignedString(handle));
      }
      values.read(in, targets.get(handle), writer, true);
    }
  }

  /** What a page of history held. */
  record Page(int rows, long first, long last) {}

  /** The rows of one page of a tag's history. */
  Page history(Target target, @Nullable ExtensionObject data) throws InterruptedException {
    if (data == null || data.isNull()) {
      return new Page(0, SampleWriter.NO_TIME, SampleWriter.NO_TIME);
    }
    if (!(data.getBody() instanceof ByteString body)
        || !data.getEncodingOrTypeId().toParseableString().equals(HISTORY)) {
      throw Cursor.wrong("history data in binary", data.getEncodingOrTypeId().toParseableString());
    }
    Cursor in = cursor.over(body.bytesOrEmpty());
    int count = Math.max(0, in.length(1));
    long[] times = {SampleWriter.NO_TIME, SampleWriter.NO_TIME};
    if (count > 0) {
      emit(writer -> {
        for (int i = 0; i < count; i++) {
          long time = values.read(in, target, writer, false);
          if (i == 0) {
            times[0] = time;
          }
          times[1] = Math.max(times[1], time);
        }
      });
    }
    return new Page(count, times[0], times[1]);
  }
}
