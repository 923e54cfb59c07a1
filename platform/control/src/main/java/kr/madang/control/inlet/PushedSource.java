package kr.madang.control.inlet;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.source.Source;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.source.SourceFactory;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.Schema;

/** The source {@code flight}: rows that a factory sends. */
final class PushedSource implements SourceFactory<PushedSource.Config> {
  private final Inlets inlets;

  PushedSource(Inlets inlets) {
    this.inlets = inlets;
  }

  /** What can be said of it. */
  record Config(
      @Doc("Batches that may wait for the pipeline; beyond them senders wait")
          @Default("64")
          @Range(min = 1, max = 1024)
          int queue,
      @Doc("Fields of frames; without it rows are samples") @Default("{}")
          Map<String, Shape> fields) {
    /** Checks the names. */
    Config {
      for (String name : fields.keySet()) {
        if (name.isEmpty() || name.equals(Frames.TIME) || name.endsWith(Frames.STATUS_SUFFIX)) {
          throw new PluginException(
              ErrorCode.CONFIG_INVALID,
              "fields: '%s' is no name of a field: it must not be empty, %s or end in %s"
                  .formatted(name, Frames.TIME, Frames.STATUS_SUFFIX));
        }
      }
    }
  }

  /** A field of frames. */
  record Shape(
      @Doc("double, long or text") @Default("double") Type type,
      @Doc("Engineering unit as a UCUM code") @Default("''") String unit) {}

  /** What a field holds. */
  enum Type {
    DOUBLE(Frames.DOUBLE),
    LONG(new ArrowType.Int(64, true)),
    TEXT(ArrowType.Utf8.INSTANCE);

    final ArrowType arrow;

    Type(ArrowType arrow) {
      this.arrow = arrow;
    }
  }

  @Override
  public String name() {
    return "flight";
  }

  @Override
  public String title() {
    return "Rows that are sent by Arrow Flight";
  }

  @Override
  public Class<Config> config() {
    return Config.class;
  }

  @Override
  public Optional<Schema> frames(Config config) {
    if (config.fields().isEmpty()) {
      return Optional.empty();
    }
    List<Field> fields = new ArrayList<>();
    config
        .fields()
        .forEach(
            (name, shape) -> fields.add(Frames.field(name, shape.type().arrow, shape.unit(), "")));
    return Optional.of(Frames.schema(fields));
  }

  @Override
  public Source open(Config config, SourceContext context) {
    Inlet inlet = new Inlet(config.queue(), frames(config), context);
    inlets.opened(context.name(), inlet);
    return new LogSource() {
      @Override
      public Poll poll(Duration atMost) throws InterruptedException {
        return inlet.poll(atMost);
      }

      @Override
      public void acknowledge(Position position) {
        inlet.acknowledge(position);
      }

      @Override
      public void close() {
        inlets.closed(context.name(), inlet);
        inlet.close();
      }
    };
  }
}
