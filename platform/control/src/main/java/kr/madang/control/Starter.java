package kr.madang.control;

import java.util.List;
import java.util.function.BooleanSupplier;
import kr.madang.control.PipelineTable.Stored;
import kr.madang.control.PipelineView.Pin;
import kr.madang.control.config.Binder;
import kr.madang.control.spec.PipelineSpec;
import kr.madang.control.store.Store;
import kr.madang.engine.Engine;
import kr.madang.engine.Pipeline;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings a stored pipeline up: reads, resolves, pins, starts. Any thread. */
final class Starter {
  private static final Logger LOG = LoggerFactory.getLogger(Starter.class);

  private final Resolver resolver;
  private final Binder binder;
  private final Engine engine;
  private final Store store;

  Starter(Resolver resolver, Binder binder, Engine engine, Store store) {
    this.resolver = resolver;
    this.binder = binder;
    this.engine = engine;
    this.store = store;
  }

  /** What became of a start. */
  sealed interface Started {
    /** It was started. */
    record Running(Pipeline pipeline, Holds holds, List<Pin> pins) implements Started {}

    /** Something is missing. */
    record Parked(String reason) implements Started {}

    /** It cannot be started. */
    record Failed(ErrorCode code, String reason) implements Started {}

    /** Nobody wants it any more. */
    record Unwanted() implements Started {}
  }

  Started start(Stored stored, List<Pin> pins, BooleanSupplier stillWanted) {
    @Nullable Holds holds = null;
    try {
      PipelineSpec spec =
          PipelineFile.read(stored.document(), stored.format(), binder, PipelineSpec.Usual.SERVED);
      switch (resolver.resolve(stored.key().workspace(), spec, binder, pins)) {
        case Resolution.Parked(String reason) -> {
          return new Started.Parked(reason);
        }
        case Resolution.Ready ready -> {
          holds = ready.holds();
          if (!pins.equals(ready.pins())) {
            store.transaction(rows -> {
              PipelineTable.pin(rows, stored.key(), stored.revision(), ready.pins());
              return true;
            });
          }
          if (!stillWanted.getAsBoolean()) {
            holds.close();
            return new Started.Unwanted();
          }
          return new Started.Running(engine.start(ready.graph()), holds, ready.pins());
        }
      }
    } catch (PluginException e) {
      close(holds);
      return new Started.Failed(e.code(), String.valueOf(e.getMessage()));
    } catch (RuntimeException | LinkageError | StackOverflowError e) {
      LOG.error("pipeline {} cannot be started", stored.key(), e);
      close(holds);
      return new Started.Failed(ErrorCode.BUG, String.valueOf(e));
    }
  }

  private static void close(@Nullable Holds holds) {
    if (holds != null) {
      holds.close();
    }
  }
}
