package kr.madang.toy;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kr.madang.sdk.Verification;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Browsable;
import kr.madang.sdk.source.Commandable;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.source.PolledSource;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.source.SampleEmitter;
import kr.madang.sdk.source.Source;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.source.SubscribedSource;
import kr.madang.sdk.source.Tag;

/** A source of each kind that is right, unless a flaw is set. */
final class ToySource implements SourceFactory<ToyConfig> {
  private static volatile boolean dead;

  @Override
  public String name() {
    return Flaw.NAME_WITH_BLANK.here() ? "toy source" : "toy";
  }

  @Override
  @SuppressWarnings("unchecked")
  public Class<ToyConfig> config() {
    Class<?> config =
        Flaw.UNDOCUMENTED_FIELD.here()
            ? ToyConfig.Undocumented.class
            : Flaw.OPEN_PASSWORD.here() ? ToyConfig.Open.class : ToyConfig.class;
    return (Class<ToyConfig>) config;
  }

  @Override
  public List<Tag> tags(ToyConfig config) {
    return Flaw.UNDECLARED_TAG.here() ? List.of(new Tag("a")) : List.of(new Tag("a"), new Tag("b"));
  }

  @Override
  public void verify(ToyConfig config, Verification verification) {
    if (!Flaw.VERIFIES_NOTHING.here()) {
      verification.step(
          "connect",
          () -> {
            if (!Flaw.VERIFIES_BLINDLY.here()) {
              ToyLine.open(config.port(), Duration.ofSeconds(1)).close();
            }
          });
    }
  }

  @Override
  public Source open(ToyConfig config, SourceContext context) throws Exception {
    if (dead && Flaw.DEAD_FOR_GOOD.here()) {
      dead = false;
      throw new PluginException(ErrorCode.UNREACHABLE, "it was away before");
    }
    ToyLine line = ToyLine.open(config.port(), context.timeout());
    leave();
    return switch (config.kind()) {
      case POLLED -> new Polled(line, context);
      case SUBSCRIBED -> new Subscribed(line, context);
      case LOG -> new Log(line, context);
    };
  }

  /** Leaves behind what the flaw says. */
  static void leave() {
    if (Flaw.THREAD_LEFT.here()) {
      Thread left = new Thread(() -> pause(600_000), "left");
      left.setDaemon(true);
      left.start();
    }
    if (Flaw.LOADER_HELD.here()) {
      Runtime.getRuntime().addShutdownHook(new Thread(() -> pause(0)));
    }
  }

  private static void pause(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** What the kinds have in common. */
  private abstract static class Base {
    final ToyLine line;
    final SourceContext context;
    private boolean closed;

    Base(ToyLine line, SourceContext context) {
      this.line = line;
      this.context = context;
    }

    /** Writes {@code tag value status time}. */
    final void put(String row, SampleWriter out) {
      String[] parts = row.split(" ", -1);
      try {
        int status = Integer.parseInt(parts[2]);
        long time = SampleWriter.NO_TIME;
        Instant said = Instant.parse(parts[3]);
        try {
          time =
              Math.addExact(
                  Math.multiplyExact(said.getEpochSecond(), 1_000_000_000L), said.getNano());
        } catch (ArithmeticException e) {
          status = Quality.worst(status, Quality.UNCERTAIN);
          if (Flaw.TIME_THAT_WRAPS.here()) {
            time = said.getEpochSecond() * 1_000_000_000L;
          }
        }
        if (Flaw.TIME_OF_ARRIVAL.here()) {
          time = context.clock().instant().getEpochSecond() * 1_000_000_000L;
        }
        if (Flaw.OWN_RECEIVE_TIME.here()) {
          out.receivedAt(5);
        }
        if (Flaw.COARSE_STATUS.here()) {
          status &= 0xC000_0000;
        }
        double value = Double.parseDouble(parts[1]);
        if (Quality.isBad(status) && !Flaw.BAD_AS_GOOD.here()) {
          out.bad(out.tag(parts[0]), status, time);
        } else {
          int given = Flaw.BAD_AS_GOOD.here() ? Quality.GOOD : status;
          out.put(out.tag(parts[0]), value, given, time);
        }
      } catch (RuntimeException e) {
        if (Flaw.GARBAGE_IS_A_BUG.here()) {
          throw e;
        }
        throw line.protocol("tag, value, status and time");
      }
    }

    public void close() throws Exception {
      if (closed && Flaw.CLOSES_ONCE.here()) {
        throw new IllegalStateException("closed before");
      }
      closed = true;
      line.close();
    }
  }

  private static final class Polled extends Base implements PolledSource, Commandable, Browsable {
    private final Map<String, String> known = new HashMap<>();

    Polled(ToyLine line, SourceContext context) {
      super(line, context);
    }

    @Override
    public Duration every() {
      return Duration.ofMillis(5);
    }

    @Override
    public void read(SampleWriter out) throws Exception {
      for (String tag : List.of("a", "b")) {
        String row;
        try {
          row = line.ask("GET " + tag);
        } catch (PluginException e) {
          boolean stale =
              e.code() == ErrorCode.TIMEOUT
                  ? Flaw.STALE_WHEN_SILENT.here()
                  : e.code() == ErrorCode.UNREACHABLE && Flaw.STALE_WHEN_CUT.here();
          if (!stale) {
            dead = true;
            throw e;
          }
          row = known.getOrDefault(tag, "-");
        }
        known.put(tag, row);
        if (!row.equals("-")) {
          put(row, out);
        }
      }
    }

    @Override
    public double command(String tag, double value) throws Exception {
      if (Flaw.COMMANDS_BLINDLY.here()) {
        return value;
      }
      return Double.parseDouble(line.ask("PUT " + tag + " " + value).substring(3));
    }

    @Override
    public List<Tag> browse(String place, String after, int atMost) throws Exception {
      String from = Flaw.PAGES_REPEAT.here() ? "" : after;
      return List.of(line.ask("LIST").split(" ")).stream()
          .filter(tag -> tag.compareTo(from) > 0)
          .limit(atMost)
          .map(Tag::new)
          .toList();
    }
  }

  private static final class Subscribed extends Base implements SubscribedSource {
    private volatile long accepted;
    private int given;

    Subscribed(ToyLine line, SourceContext context) {
      super(line, context);
    }

    @Override
    public void run(SampleEmitter out) throws Exception {
      if (Flaw.SKIPS_WHAT_WAS.here()) {
        line.ask("SKIP 0");
      }
      long settled = 0;
      int got = 0;
      while (!out.stopping() || Flaw.NEVER_STOPS.here()) {
        if (accepted > settled) {
          settled = accepted;
          line.ask("SETTLE " + settled);
        }
        String row = line.ask("NEXT " + got);
        if (row.equals("-")) {
          Thread.sleep(1);
          continue;
        }
        int blank = row.indexOf(' ');
        int number = number(row, blank);
        if (number <= got) {
          throw line.protocol("a higher number");
        }
        got = number;
        given++;
        if (!(Flaw.LOSES_SOME.here() && given > 50 && given % 10 == 7)) {
          out.emit(number, writer -> put(row.substring(blank + 1), writer));
        }
        if (Flaw.SETTLES_AT_ONCE.here()) {
          line.ask("SETTLE " + number);
        }
      }
      if (accepted > settled) {
        line.ask("SETTLE " + accepted);
      }
    }

    private int number(String row, int blank) {
      try {
        return Integer.parseInt(row.substring(0, blank));
      } catch (RuntimeException e) {
        throw line.protocol("a number");
      }
    }

    @Override
    public void accepted(long token) {
      accepted = token;
    }
  }

  private static final class Log extends Base implements LogSource {
    private final SampleWriter writer;
    private int next;

    Log(ToyLine line, SourceContext context) {
      super(line, context);
      writer = new SampleWriter(context.allocator());
      next = context.position().map(position -> Integer.parseInt(position.value())).orElse(0);
      if (Flaw.POSITION_TOO_EARLY.here()) {
        next = Math.max(0, next - 1);
      }
    }

    @Override
    public Poll poll(Duration atMost) throws Exception {
      long end = System.nanoTime() + atMost.toNanos();
      do {
        String row = line.ask("AFTER " + next);
        if (!row.equals("-")) {
          writer.receivedAt(context.clock().instant().getEpochSecond() * 1_000_000_000L);
          int blank = row.indexOf(' ');
          put(row.substring(blank + 1), writer);
          next++;
          return new Poll.Rows(writer.take(), new Position(Integer.toString(next)));
        }
        try {
          Thread.sleep(1);
        } catch (InterruptedException e) {
          throw ToyLine.interrupted();
        }
      } while (System.nanoTime() < end);
      return new Poll.Idle();
    }

    @Override
    public void close() throws Exception {
      writer.close();
      super.close();
    }
  }
}
