package kr.madang.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.DoubleStream;
import java.util.stream.LongStream;
import kr.madang.engine.PipelineStatus.Phase;
import kr.madang.engine.PipelineStatus.State;
import kr.madang.engine.Plant.Collected;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.source.PolledSource;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.source.SampleEmitter;
import kr.madang.sdk.source.SubscribedSource;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.transform.BatchOutput;
import kr.madang.sdk.transform.Transform;
import org.apache.arrow.vector.types.pojo.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class PipelineTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path state;

  private final List<String> acknowledged = Collections.synchronizedList(new ArrayList<>());
  private final Collected collected = new Collected();

  private Pipeline start(Graph graph) {
    return Plant.engine(arrow.get(), state).start(graph);
  }

  private static PipelineStatus end(Pipeline pipeline) throws Exception {
    return pipeline.ended().get(20, TimeUnit.SECONDS);
  }

  /** Passes every row on and may do more. */
  private record Pass(Schema schema, Step step) implements Transform {
    interface Step {
      void apply(Batch in, BatchOutput out) throws Exception;
    }

    @Override
    public void apply(Batch in, BatchOutput out) throws Exception {
      step.apply(in, out);
    }
  }

  @Test
  void aFiniteSourceIsDeliveredInOrderAndTheLedgerBalances() throws Exception {
    Pipeline pipeline =
        start(
            Plant.graph(
                Plant.counter(1000, 7, acknowledged),
                List.of(
                    Plant.step(
                        "one",
                        "source",
                        false,
                        (in, _) -> new Pass(in, (b, o) -> o.emit(b.retain()))),
                    Plant.step(
                        "two", "one", true, (in, _) -> new Pass(in, (b, o) -> o.emit(b.retain())))),
                List.of(Plant.sink("sink", "two", collected::open))));

    assertThat(end(pipeline).phase()).isEqualTo(Phase.FINISHED);
    assertThat(collected.values)
        .containsExactlyElementsOf(
            DoubleStream.iterate(0, x -> x + 1).limit(1000).boxed().toList());
    assertThat(collected.sequences)
        .containsExactlyElementsOf(LongStream.range(0, 1000).boxed().toList());
    assertThat(acknowledged).last().isEqualTo("1000");
    Ledger ledger = pipeline.ledger();
    assertThat(ledger.balanced()).isTrue();
    assertThat(ledger.stages()).extracting(Ledger.Stage::in).containsOnly(1000L);
    assertThat(ledger.stages()).extracting(Ledger.Stage::absorbed).containsOnly(1000L);
  }

  @Test
  void fanOutGivesEverySinkEveryRow() throws Exception {
    Collected other = new Collected();
    Pipeline pipeline =
        start(
            Plant.graph(
                Plant.counter(500, 10, acknowledged),
                List.of(),
                List.of(
                    Plant.sink("a", "source", collected::open),
                    Plant.sink("b", "source", other::open))));

    assertThat(end(pipeline).phase()).isEqualTo(Phase.FINISHED);
    assertThat(collected.values).hasSize(500).isEqualTo(other.values);
    assertThat(pipeline.ledger().links()).hasSize(2);
  }

  @Test
  void aSinkThatIsDownAtFirstGetsEverythingOnceItIsUp() throws Exception {
    AtomicInteger tries = new AtomicInteger();
    Pipeline pipeline =
        start(
            Plant.graph(
                Plant.counter(100, 10, acknowledged),
                List.of(),
                List.of(
                    Plant.sink(
                        "sink",
                        "source",
                        context -> {
                          if (tries.incrementAndGet() < 5) {
                            throw new PluginException(ErrorCode.UNREACHABLE, "nobody there");
                          }
                          return collected.open(context);
                        }))));

    assertThat(end(pipeline).phase()).isEqualTo(Phase.FINISHED);
    assertThat(tries).hasValue(5);
    assertThat(collected.values).hasSize(100);
    assertThat(pipeline.ledger().balanced()).isTrue();
  }

  @Test
  void rowsThatASinkHeldWhenItFailedAreWrittenAgain() throws Exception {
    // A sink that has nothing for good until it is finished, and loses all of it once.
    List<Double> durable = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger lives = new AtomicInteger();
    Pipeline pipeline =
        start(
            Plant.graph(
                Plant.counter(100, 10, acknowledged),
                List.of(),
                List.of(
                    Plant.sink(
                        "sink",
                        "source",
                        _ -> {
                          int life = lives.incrementAndGet();
                          Collected open = new Collected();
                          Sink inner = open.open(b -> {});
                          return new Sink() {
                            @Override
                            public void write(Batch batch) throws Exception {
                              if (life == 1 && batch.sequence() == 50) {
                                throw new PluginException(ErrorCode.TIMEOUT, "gone");
                              }
                              inner.write(batch);
                            }

                            @Override
                            public long held() {
                              return open.values.size();
                            }

                            @Override
                            public void finish() {
                              durable.addAll(open.values);
                              open.values.clear();
                            }
                          };
                        }))));

    assertThat(end(pipeline).phase()).isEqualTo(Phase.FINISHED);
    assertThat(durable)
        .containsExactlyElementsOf(DoubleStream.iterate(0, x -> x + 1).limit(100).boxed().toList());
    assertThat(acknowledged).containsExactly("100");
  }

  @Test
  void aBatchThatAStepCannotTakeIsKeptAsideAndTheRestGoesOn() throws Exception {
    Pipeline pipeline =
        start(
            Plant.graph(
                Plant.counter(100, 10, acknowledged),
                List.of(
                    Plant.step(
                        "poison",
                        "source",
                        true,
                        (in, _) ->
                            new Pass(
                                in,
                                (batch, out) -> {
                                  if (batch.sequence() == 30) {
                                    throw new IllegalStateException("thirty!");
                                  }
                                  if (batch.sequence() == 40) {
                                    BitSet rows = new BitSet();
                                    rows.set(2);
                                    out.reject(batch, rows, "I do not like 42");
                                  }
                                  out.emit(batch.retain());
                                }))),
                List.of(Plant.sink("sink", "poison", collected::open))));

    assertThat(end(pipeline).phase()).isEqualTo(Phase.FINISHED);
    assertThat(collected.values).hasSize(90);
    Ledger ledger = pipeline.ledger();
    assertThat(ledger.balanced()).isTrue();
    assertThat(ledger.rejected()).isEqualTo(11);
    assertThat(acknowledged).last().isEqualTo("100");
    List<Reject> rejects = RejectsOf.pipeline(arrow.get(), state, "default", "test");
    assertThat(rejects).extracting(Reject::rows).containsExactly(10, 1);
    assertThat(rejects.get(0).why()).contains("thirty!");
    assertThat(rejects.get(1).content()).contains("x=42.0");
  }

  @Test
  void aHeldRowHoldsBackTheAcknowledgement() throws Exception {
    CountDownLatch seen = new CountDownLatch(1);
    Pipeline pipeline =
        start(
            Plant.graph(
                Plant.source(
                    Optional.of(Plant.SCHEMA),
                    List.of(),
                    context -> {
                      Plant.Counter counter = new Plant.Counter(context, 100, 10, acknowledged);
                      return new LogSource() {
                        @Override
                        public Poll poll(Duration atMost) {
                          Poll next = counter.poll(atMost);
                          return next instanceof Poll.Done ? new Poll.Idle() : next;
                        }

                        @Override
                        public void acknowledge(Position position) {
                          counter.acknowledge(position);
                        }
                      };
                    }),
                List.of(
                    Plant.step(
                        "hold",
                        "source",
                        false,
                        (in, _) ->
                            new Transform() {
                              @Override
                              public Schema schema() {
                                return in;
                              }

                              @Override
                              public void apply(Batch batch, BatchOutput out)
                                  throws InterruptedException {
                                out.emit(batch.retain());
                              }

                              @Override
                              public long held() {
                                return 15;
                              }
                            })),
                List.of(
                    Plant.sink(
                        "sink",
                        "hold",
                        _ ->
                            collected.open(batch -> {
                              if (batch.sequence() == 90) {
                                seen.countDown();
                              }
                            })))));

    assertThat(seen.await(10, TimeUnit.SECONDS)).isTrue();
    Await.until("eighty acknowledged", () -> acknowledged.contains("80"));
    pipeline.stop(Duration.ofSeconds(5));
    assertThat(end(pipeline).phase()).isEqualTo(Phase.STOPPED);
    assertThat(acknowledged).doesNotContain("90", "100");
    assertThat(pipeline.ledger().stages().get(1).held()).isEqualTo(15);
    assertThat(pipeline.ledger().balanced()).isTrue();

    // The next start goes on where the acknowledged rows end.
    Collected again = new Collected();
    end(
        start(
            Plant.graph(
                Plant.counter(100, 10, acknowledged),
                List.of(),
                List.of(Plant.sink("sink", "source", again::open)))));
    assertThat(again.values.get(0)).isEqualTo(80);
  }

  @Test
  void aDeviceThatGoesAwayTurnsEveryTagBadAndComesBackByItself() throws Exception {
    AtomicInteger opened = new AtomicInteger();
    AtomicInteger reads = new AtomicInteger();
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    Pipeline pipeline =
        start(
            Plant.graph(
                Plant.source(
                    Optional.empty(),
                    List.of("a", "b"),
                    _ -> {
                      if (opened.incrementAndGet() == 2) {
                        throw new PluginException(ErrorCode.UNREACHABLE, "nobody there");
                      }
                      return new PolledSource() {
                        @Override
                        public Duration every() {
                          return Duration.ofMillis(2);
                        }

                        @Override
                        public void read(SampleWriter out) {
                          if (reads.incrementAndGet() == 3) {
                            out.put("a", 99);
                            throw new PluginException(ErrorCode.TIMEOUT, "no answer");
                          }
                          out.put("a", 1);
                          out.put("b", 2);
                        }
                      };
                    }),
                List.of(),
                List.of(Plant.sink("sink", "source", _ -> batch -> describe(batch, seen)))));

    Await.until("the device is back", () -> reads.get() > 6);
    pipeline.stop(Duration.ofSeconds(5));
    assertThat(end(pipeline).phase()).isEqualTo(Phase.STOPPED);
    assertThat(seen.subList(0, 6))
        .containsExactly(
            "a=1.0 Good",
            "b=2.0 Good",
            "a=1.0 Good",
            "b=2.0 Good",
            "a=- Bad_NoCommunication",
            "b=- Bad_NoCommunication");
    assertThat(seen).doesNotContain("a=99.0 Good");
    assertThat(seen).last().isEqualTo("b=2.0 Good");
    assertThat(pipeline.ledger().balanced()).isTrue();
  }

  private static void describe(Batch batch, List<String> into) {
    Samples samples = Samples.of(batch);
    for (int i = 0; i < samples.rows(); i++) {
      into.add(
          samples.tagName(samples.tag(i))
              + "="
              + (samples.hasValue(i) ? samples.value(i) : "-")
              + " "
              + Quality.name(samples.status(i)));
    }
  }

  @Test
  void aSubscribedSourceIsToldItsTokensInOrderOnceTheSinkHasTheRows() throws Exception {
    List<Long> tokens = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger written = new AtomicInteger();
    Pipeline pipeline =
        start(
            Plant.graph(
                Plant.source(
                    Optional.empty(),
                    List.of(),
                    _ ->
                        new SubscribedSource() {
                          @Override
                          public void run(SampleEmitter out) throws Exception {
                            for (long i = 1; i <= 20_000; i++) {
                              double value = i;
                              out.emit(i, rows -> rows.put("t", value));
                            }
                            out.awaitStop();
                          }

                          @Override
                          public void accepted(long token) {
                            assertThat(written.get()).isGreaterThanOrEqualTo((int) token);
                            tokens.add(token);
                          }
                        }),
                List.of(),
                List.of(
                    Plant.sink("sink", "source", _ -> batch -> written.addAndGet(batch.rows())))));

    Await.until("all accepted", () -> tokens.contains(20_000L));
    pipeline.stop(Duration.ofSeconds(5));
    assertThat(end(pipeline).phase()).isEqualTo(Phase.STOPPED);
    assertThat(tokens).isSorted();
    assertThat(pipeline.ledger().balanced()).isTrue();
  }

  @Test
  void aSlowSinkSlowsTheSourceAndMemoryStaysBounded() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    AtomicInteger polls = new AtomicInteger();
    Pipeline pipeline =
        start(
            Plant.graph(
                Plant.source(
                    Optional.of(Plant.SCHEMA),
                    List.of(),
                    context -> {
                      Plant.Counter counter = new Plant.Counter(context, 10_000, 10, acknowledged);
                      return new LogSource() {
                        @Override
                        public Poll poll(Duration atMost) {
                          polls.incrementAndGet();
                          return counter.poll(atMost);
                        }
                      };
                    }),
                List.of(),
                List.of(
                    Plant.sink(
                        "sink",
                        "source",
                        _ ->
                            collected.open(_ -> {
                              try {
                                go.await();
                              } catch (InterruptedException e) {
                                Thread.currentThread().interrupt();
                              }
                            })))));

    // One batch in the sink, four in the queue, one in the source's hand.
    Await.until(
        "the queue is full",
        () -> pipeline.ledger().links().stream().anyMatch(link -> link.queued() == 50));
    assertThat(polls.get()).isLessThanOrEqualTo(6);
    go.countDown();
    assertThat(end(pipeline).phase()).isEqualTo(Phase.FINISHED);
    assertThat(collected.values).hasSize(10_000);
  }

  @Test
  void aSinkThatHangsIsLeftBehindWhenThePipelineIsStopped() throws Exception {
    CountDownLatch hanging = new CountDownLatch(1);
    Pipeline pipeline =
        start(
            Plant.graph(
                Plant.counter(100, 10, acknowledged),
                List.of(),
                List.of(
                    Plant.sink(
                        "sink",
                        "source",
                        _ ->
                            batch -> {
                              hanging.countDown();
                              new CountDownLatch(1).await();
                            }))));
    assertThat(hanging.await(10, TimeUnit.SECONDS)).isTrue();
    pipeline.stop(Duration.ofMillis(50));
    assertThat(end(pipeline).phase()).isEqualTo(Phase.STOPPED);
    assertThat(acknowledged).isEmpty();
    assertThat(pipeline.ledger().dropped()).isPositive();
  }

  @Test
  void aMisfitStopsThePipelineBeforeTheFirstRowAndNamesTheStage() throws Exception {
    Pipeline pipeline =
        start(
            Plant.graph(
                Plant.counter(100, 10, acknowledged),
                List.of(
                    Plant.step(
                        "picky",
                        "source",
                        false,
                        (_, _) -> {
                          throw new PluginException(
                              ErrorCode.SCHEMA_MISFIT, "field 'y': expected, got only 'x'");
                        })),
                List.of(Plant.sink("sink", "picky", collected::open))));
    PipelineStatus last = end(pipeline);
    assertThat(last.phase()).isEqualTo(Phase.FAILED);
    assertThat(last.reason()).isEqualTo("stage 'picky': field 'y': expected, got only 'x'");
    assertThat(last.stages())
        .filteredOn(stage -> stage.state() == State.FAILED)
        .singleElement()
        .satisfies(stage -> {
          assertThat(stage.name()).isEqualTo("picky");
          assertThat(stage.code()).isEqualTo("SCHEMA_MISFIT");
        });
    assertThat(collected.values).isEmpty();
  }

  @Test
  void aStageGivesUpAfterTheAttemptsThatTheLimitsAllow() throws Exception {
    Graph endless =
        Plant.graph(
            Plant.source(
                Optional.of(Plant.SCHEMA),
                List.of(),
                _ -> {
                  throw new PluginException(ErrorCode.UNREACHABLE, "nobody at 10.0.0.7:502");
                }),
            List.of(),
            List.of(Plant.sink("sink", "source", collected::open)));
    Graph.Limits f = Plant.FAST;
    Graph three =
        new Graph(
            "default",
            "test",
            new Graph.Limits(f.memory(), f.queue(), f.timeout(), f.retryMin(), f.retryMax(), 3),
            endless.sources(),
            endless.steps(),
            endless.sinks());
    PipelineStatus last = end(start(three));
    assertThat(last.phase()).isEqualTo(Phase.FAILED);
    assertThat(last.reason()).contains("nobody at 10.0.0.7:502").contains("3 tries");
    assertThat(last.stages().get(0).state()).isEqualTo(State.FAILED);
  }

  @Test
  void aTapSeesWhatAStageEmitsAndNeverHoldsItUp() throws Exception {
    CountDownLatch go = new CountDownLatch(1);
    Pipeline pipeline =
        start(
            Plant.graph(
                Plant.source(
                    Optional.of(Plant.SCHEMA),
                    List.of(),
                    context -> {
                      go.await();
                      return new Plant.Counter(context, 100, 10, acknowledged);
                    }),
                List.of(),
                List.of(Plant.sink("sink", "source", collected::open))));
    try (Tap tap = pipeline.tap("source", 2)) {
      go.countDown();
      try (Batch first = tap.poll(Duration.ofSeconds(10)).orElseThrow()) {
        assertThat(first.rows()).isEqualTo(10);
      }
      assertThat(end(pipeline).phase()).isEqualTo(Phase.FINISHED);
    }
    assertThat(collected.values).hasSize(100);
  }
}
