package kr.madang.e2e.harness;

import java.util.List;
import java.util.Optional;
import kr.madang.sdk.Plugin;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkContext;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.source.Source;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.source.SourceFactory;
import org.apache.arrow.vector.types.pojo.Schema;

/** Counts 0, 1, 2, …, so that whatever is lost, doubled or out of order can be seen. */
public final class HarnessPlugin implements Plugin {
  /** Of both sources. */
  public record Counting(
      @Doc("Where the source leaves what it was told, and is told to end by a file `drain`")
          String folder,
      @Doc("Rows a second; 0 for as many as are taken") @Default("0") @Range(min = 0) int rate,
      @Doc("Rows at once") @Default("50") @Range(min = 1, max = 100_000) int batch,
      @Doc("Bytes of text beside each number") @Default("0") @Range(min = 0, max = 100_000)
          int padding) {}

  /** Of the sink. */
  public record Peer(
      @Doc("Where the acknowledging peer listens") int port,
      @Doc("Field of frames that is sent") @Default("n") String field) {}

  @Override
  public List<SourceFactory<?>> sources() {
    return List.of(new Counters(), new Pushers());
  }

  @Override
  public List<SinkFactory<?>> sinks() {
    return List.of(new Peers());
  }

  private static final class Counters implements SourceFactory<Counting> {
    @Override
    public String name() {
      return "counter";
    }

    @Override
    public Class<Counting> config() {
      return Counting.class;
    }

    @Override
    public Optional<Schema> frames(Counting config) {
      return Optional.of(Counter.schema(config));
    }

    @Override
    public Source open(Counting config, SourceContext context) throws Exception {
      return new Counter(config, context);
    }
  }

  private static final class Pushers implements SourceFactory<Counting> {
    @Override
    public String name() {
      return "pushed";
    }

    @Override
    public Class<Counting> config() {
      return Counting.class;
    }

    @Override
    public Source open(Counting config, SourceContext context) throws Exception {
      return new Pushed(config);
    }
  }

  private static final class Peers implements SinkFactory<Peer> {
    @Override
    public String name() {
      return "peer";
    }

    @Override
    public Class<Peer> config() {
      return Peer.class;
    }

    @Override
    public Sink open(Peer config, Schema in, SinkContext context) throws Exception {
      return new PeerSink(config, context);
    }
  }
}
