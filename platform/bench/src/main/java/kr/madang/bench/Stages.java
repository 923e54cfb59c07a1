package kr.madang.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import java.util.stream.Stream;
import kr.madang.control.config.Binder;
import kr.madang.control.config.Documents;
import kr.madang.control.config.Secrets;
import kr.madang.engine.Graph;
import kr.madang.engine.step.Steps;
import kr.madang.journal.JournalOptions;
import kr.madang.journal.Journals;
import kr.madang.journal.disk.RealDisk;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkContext;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.source.Source;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.transform.TransformFactory;
import org.apache.arrow.vector.types.pojo.Schema;

/** Stages of a benchmark's pipeline. */
final class Stages {
  static final ThreadFactory THREADS = Thread.ofPlatform().daemon().name("bench-", 0).factory();

  private record Nothing() {}

  /** Opens a source. */
  interface OpenSource {
    Source open(SourceContext context) throws Exception;
  }

  private Stages() {}

  static Journals journals(Path folder) {
    return new Journals(
        folder.resolve("journal"),
        new JournalOptions(
            new RealDisk(),
            InstantSource.system(),
            THREADS,
            // sources wait when 70 % of it are used
            24L << 30,
            64L << 20,
            1 << 20,
            64 << 20,
            Duration.ofMillis(5),
            false,
            Optional.empty()));
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** f0, f1, … */
  static List<String> fields(int count) {
    List<String> fields = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      fields.add("f" + i);
    }
    return fields;
  }

  /** A config as a pipeline file would give it. */
  static <C> C config(String yaml, Class<C> record) {
    return config(yaml, record, Path.of(""));
  }

  /** The same with secrets of a folder. */
  static <C> C config(String yaml, Class<C> record, Path secrets) {
    return new Binder(Path.of(""), new Secrets(secrets)).bind(Documents.yaml(yaml), record, "");
  }

  static Graph.StepNode<?> step(String name, String from, String yaml) {
    TransformFactory<?> factory =
        Steps.all((_, _, _, _, _, _) -> {}).stream()
            .filter(step -> step.name().equals(name))
            .findFirst()
            .orElseThrow();
    return bound(factory, from, yaml);
  }

  private static <C> Graph.StepNode<C> bound(
      TransformFactory<C> factory, String from, String yaml) {
    C config = config(yaml, factory.config());
    return new Graph.StepNode<>(factory.name(), List.of(from), factory, config, Optional.empty());
  }

  static Graph.SourceNode<?> source(OpenSource open) {
    return new Graph.SourceNode<>(
        "source",
        new SourceFactory<Nothing>() {
          @Override
          public String name() {
            return "bench";
          }

          @Override
          public Class<Nothing> config() {
            return Nothing.class;
          }

          @Override
          public Source open(Nothing config, SourceContext context) throws Exception {
            return open.open(context);
          }
        },
        new Nothing(),
        THREADS);
  }

  /** Samples of 50 tags, as fast as they are taken, without end. */
  static Graph.SourceNode<?> numbers() {
    return source(context -> new Numbers(context.allocator()));
  }

  static Graph.SinkNode<?> sink(String from, Sink sink) {
    return new Graph.SinkNode<>(
        "sink",
        List.of(from),
        new SinkFactory<Nothing>() {
          @Override
          public String name() {
            return "bench";
          }

          @Override
          public Class<Nothing> config() {
            return Nothing.class;
          }

          @Override
          public Sink open(Nothing config, Schema in, SinkContext context) {
            return sink;
          }
        },
        new Nothing(),
        THREADS);
  }

  static <C> Graph.SinkNode<C> liveFirst(Graph.SinkNode<C> node) {
    return new Graph.SinkNode<>(
        node.name(),
        node.from(),
        node.factory(),
        node.config(),
        node.threads(),
        new Graph.Delivery(true, 0));
  }
}
