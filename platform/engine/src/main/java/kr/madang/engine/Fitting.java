package kr.madang.engine;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import kr.madang.engine.Graph.SinkNode;
import kr.madang.engine.Graph.SourceNode;
import kr.madang.engine.Graph.StepNode;
import kr.madang.engine.step.DeclaredTags;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Tag;
import kr.madang.sdk.transform.Transform;
import kr.madang.sdk.transform.TransformContext;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/** Opens every step for the schema before it, so that a misfit shows before the first row. */
final class Fitting implements AutoCloseable {
  private static final Duration OPEN_LIMIT = Duration.ofSeconds(60);
  private static final long TURN = Duration.ofMillis(50).toNanos();

  /** Does something for a stage, perhaps more than once. */
  interface Attempt {
    void run(String stage, Retry.Call call) throws Exception;
  }

  private final Graph graph;
  private final Function<String, TransformContext> contexts;
  private final Attempt attempt;
  private final BooleanSupplier stopped;
  private boolean closing;
  private final Map<String, Schema> schemas = new LinkedHashMap<>();
  private final Map<String, List<Tag>> tags = new HashMap<>();
  private final Map<String, Transform> transforms = new LinkedHashMap<>();

  Fitting(
      Graph graph,
      Function<String, TransformContext> contexts,
      Attempt attempt,
      BooleanSupplier stopped) {
    this.graph = graph;
    this.stopped = stopped;
    this.contexts = contexts;
    this.attempt = attempt;
  }

  void open() throws Exception {
    for (SourceNode<?> source : graph.sources()) {
      attempt.run(source.name(), () -> look(source));
    }
    for (StepNode<?> step : graph.steps()) {
      attempt.run(step.name(), () -> open(step));
    }
    for (SinkNode<?> sink : graph.sinks()) {
      attempt.run(sink.name(), () -> check(sink));
    }
  }

  /** The schema that each source and step emits. */
  Map<String, Schema> schemas() {
    return schemas;
  }

  List<Tag> tags(String source) {
    return tags.getOrDefault(source, List.of());
  }

  Transform transform(String step) {
    return Objects.requireNonNull(transforms.get(step));
  }

  /** The schema of the batches that come to a stage. */
  Schema input(String stage, List<String> from) {
    return DeclaredTags.stripped(known(stage, from));
  }

  /** The schema that comes to a stage, with what is known of the tags of samples. */
  private Schema known(String stage, List<String> from) {
    Schema first = Objects.requireNonNull(schemas.get(from.get(0)));
    Schema all = first;
    for (String name : from.subList(1, from.size())) {
      Schema other = Objects.requireNonNull(schemas.get(name));
      if (Samples.matches(first) && Samples.matches(other)) {
        all = DeclaredTags.merged(stage, all, other);
      } else if (!first.equals(other)) {
        throw new PluginException(
            ErrorCode.SCHEMA_MISFIT,
            "'%s' reads from '%s' and '%s', which must have the same columns: %s and %s"
                .formatted(stage, from.get(0), name, first, other));
      }
    }
    return all;
  }

  private <C> void look(SourceNode<C> node) throws Exception {
    call(
        node.name(),
        node.threads(),
        () -> {
          List<Tag> declared = List.copyOf(node.factory().tags(node.config()));
          tags.put(node.name(), declared);
          return schemas.put(
              node.name(),
              node.factory().frames(node.config()).orElseGet(() -> DeclaredTags.schema(declared)));
        });
  }

  private <C> void open(StepNode<C> node) throws Exception {
    Schema in = known(node.name(), node.from());
    Callable<Opened> open =
        () -> opened(node.factory().open(node.config(), in, contexts.apply(node.name())));
    Opened opened =
        node.threads().isPresent()
            ? call(node.name(), node.threads().get(), open)
            : named(node.name(), open);
    transforms.put(node.name(), opened.transform);
    schemas.put(node.name(), opened.schema);
  }

  private record Opened(Transform transform, Schema schema) implements AutoCloseable {
    @Override
    public void close() throws Exception {
      transform.close();
    }
  }

  private static Opened opened(@Nullable Transform transform) throws Exception {
    if (transform == null) {
      throw new PluginException(ErrorCode.BUG, "open gave null");
    }
    try {
      return new Opened(transform, transform.schema());
    } catch (RuntimeException | Error e) {
      transform.close();
      throw e;
    }
  }

  private <C> void check(SinkNode<C> node) throws Exception {
    Schema in = input(node.name(), node.from());
    call(
        node.name(),
        node.threads(),
        () -> {
          node.factory().check(node.config(), in);
          return true;
        });
  }

  /** Calls a plugin on a thread of its own, and waits with a limit. */
  private <T> T call(String stage, ThreadFactory threads, Callable<T> callable) throws Exception {
    CompletableFuture<T> result = new CompletableFuture<>();
    Thread thread =
        threads.newThread(() -> {
          try {
            T got = callable.call();
            if (!result.complete(got) && got instanceof AutoCloseable late) {
              late.close();
            }
          } catch (Throwable e) {
            result.completeExceptionally(e);
          }
        });
    thread.start();
    return named(
        stage,
        () -> {
          try {
            return await(result);
          } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
          } catch (PluginException | InterruptedException e) {
            // If it opens after all, it is closed at once.
            if (!result.cancel(false) && result.isDone() && !result.isCompletedExceptionally()) {
              return result.join();
            }
            thread.interrupt();
            throw e;
          }
        });
  }

  private <T> T await(CompletableFuture<T> result) throws Exception {
    long end = System.nanoTime() + OPEN_LIMIT.toNanos();
    while (true) {
      try {
        return result.get(TURN, TimeUnit.NANOSECONDS);
      } catch (TimeoutException _) {
        if (!closing && stopped.getAsBoolean()) {
          throw new InterruptedException("stopped while opening");
        }
        if (System.nanoTime() - end > 0) {
          throw new PluginException(
              ErrorCode.TIMEOUT, "did not answer within " + OPEN_LIMIT.toSeconds() + " s");
        }
      }
    }
  }

  /** Puts the name of the stage before what went wrong. */
  private static <T> T named(String stage, Callable<T> callable) throws Exception {
    try {
      return callable.call();
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception | LinkageError | StackOverflowError | AssertionError e) {
      Throwable cause =
          e instanceof ExecutionException x && x.getCause() != null ? x.getCause() : e;
      throw new PluginException(
          Errors.code(cause), "stage '" + stage + "': " + Errors.message(cause), cause);
    }
  }

  private void close(StepNode<?> node, Transform transform) {
    try {
      if (node.threads().isPresent()) {
        call(
            node.name(),
            node.threads().get(),
            () -> {
              transform.close();
              return true;
            });
      } else {
        transform.close();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (Exception | LinkageError | StackOverflowError | AssertionError _) {
      // It is given up anyway.
    }
  }

  /** Closes the steps; only if nothing was started with them. */
  @Override
  public void close() {
    closing = true;
    for (StepNode<?> node : graph.steps()) {
      Transform transform = transforms.get(node.name());
      if (transform != null) {
        close(node, transform);
      }
    }
    transforms.clear();
  }
}
