package kr.madang.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import kr.madang.engine.Graph.SinkNode;
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
import kr.madang.sdk.source.PolledSource;
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

/** What each stage may do wrong, and that it costs nothing else. */
class TroubleTest {
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

  private static Ledger.Stage account(Pipeline pipeline, String stage) {
    return pipeline.ledger().stages().stream()
        .filter(each -> each.name().equals(stage))
        .findFirst()
        .orElseThrow();
  }

  /** Passes every row on. */
  private static class Pass implements Transform {
    private final Schema schema;

    Pass(Schema schema) {
      this.schema = schema;
    }

    @Override
    public Schema schema() {
      return schema;
    }

    @Override
    public void apply(Batch in, BatchOutput out) throws Exception {
      out.emit(in.retain());
    }
  }

  @Test
  void aDeviceThatDiesTenTimesComesBackTenTimesAndShowsNoStaleValue() throws Exception {
    AtomicInteger lives = new AtomicInteger();
    AtomicBoolean down = new AtomicBoolean();
    AtomicInteger reads = new AtomicInteger();
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    Pipeline pipeline =
        start(
            Plant.graph(
                Plant.source(
                    Optional.empty(),
                    List.of("a", "b"),
                    _ -> {
                      if (down.get()) {
                        throw new PluginException(ErrorCode.UNREACHABLE, "nobody there");
                      }
                      int life = lives.incrementAndGet();
                      return new PolledSource() {
                        @Override
                        public Duration every() {
                          return Duration.ofMillis(2);
                        }

                        @Override
                        public void read(SampleWriter out) {
                          out.put("a", life);
                          if (down.get()) {
                            throw new PluginException(ErrorCode.TIMEOUT, "no answer");
                          }
                          out.put("b", life);
                          reads.incrementAndGet();
                        }
                      };
                    }),
                List.of(),
                List.of(Plant.sink("sink", "source", _ -> batch -> describe(batch, seen)))));
    for (int life = 1; life <= 10; life++) {
      int before = reads.get();
      Await.until("polling goes on", () -> reads.get() > before + 2);
      down.set(true);
      Await.until("the source is away", () -> stage(pipeline).state() == State.RETRYING);
      Await.until("it is bad", () -> seen.getLast().endsWith("=- Bad_NoCommunication"));
      int gone = seen.size();
      Await.until("time moves on", () -> seen.size() > gone + 4);
      assertThat(List.copyOf(seen).subList(gone, gone + 4))
          .allMatch(value -> value.endsWith("=- Bad_NoCommunication"));
      assertThat(pipeline.ledger().balanced()).isTrue();
      down.set(false);
      int next = life + 1;
      Await.until("the device is back", () -> seen.contains("b=" + next + ".0 Good"));
    }
    pipeline.stop(Duration.ofSeconds(5));
    assertThat(end(pipeline).phase()).isEqualTo(Phase.STOPPED);
    assertThat(seen).contains("a=11.0 Good");
    // Each life's values come in one piece, never again once the device was gone.
    List<String> good = seen.stream().filter(value -> value.startsWith("a=")).distinct().toList();
    assertThat(good).hasSize(12);
    int back = 0;
    for (String value : seen) {
      if (value.endsWith(" Good")) {
        int life = (int) Double.parseDouble(value.substring(2, value.indexOf(' ')));
        assertThat(life).isGreaterThanOrEqualTo(back);
        back = life;
      }
    }
    assertThat(pipeline.ledger().balanced()).isTrue();
  }

  private static PipelineStatus.StageStatus stage(Pipeline pipeline) {
    return pipeline.status().stages().get(0);
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
  void aBatchThatASinkWillNeverTakeIsKeptAsideOnceAndTheRestGoesOn() throws Exception {
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
                        _ ->
                            collected.open(batch -> {
                              if (batch.sequence() == 30) {
                                tries.incrementAndGet();
                                throw new IllegalStateException("thirty!");
                              }
                            })))));
    assertThat(end(pipeline).phase()).isEqualTo(Phase.FINISHED);
    assertThat(tries).hasValue(1);
    assertThat(collected.values).hasSize(90);
    assertThat(account(pipeline, "sink").rejected()).isEqualTo(10);
    assertThat(pipeline.ledger().balanced()).isTrue();
    assertThat(acknowledged).last().isEqualTo("100");
  }

  @Test
  void rowsThatASinkRejectsAreCountedOnceHoweverOftenTheyAreWritten() throws Exception {
    AtomicInteger failures = new AtomicInteger();
    Pipeline pipeline =
        start(
            Plant.graph(
                Plant.counter(20, 10, acknowledged),
                List.of(),
                List.of(
                    Plant.sink(
                        "sink",
                        "source",
                        context ->
                            batch -> {
                              BitSet all = new BitSet();
                              all.set(0, batch.rows());
                              context.reject(batch, all, "none of them");
                              if (failures.incrementAndGet() < 4) {
                                throw new PluginException(ErrorCode.TIMEOUT, "no answer");
                              }
                            }))));
    assertThat(end(pipeline).phase()).isEqualTo(Phase.FINISHED);
    assertThat(pipeline.ledger().balanced()).isTrue();
    assertThat(account(pipeline, "sink").rejected()).isEqualTo(20);
  }

  @Test
  void aSourceIsToldOnlyWhenItsRowsHaveComeOnEveryWayToASink() throws Exception {
    CountDownLatch passed = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    SinkNode<String> sink = Plant.sink("sink", "slow", collected::open);
    Pipeline pipeline =
        start(
            Plant.graph(
                Plant.counter(10, 10, acknowledged),
                List.of(
                    Plant.step(
                        "slow",
                        "source",
                        true,
                        (in, _) ->
                            new Pass(in) {
                              @Override
                              public void apply(Batch batch, BatchOutput out) throws Exception {
                                passed.countDown();
                                go.await();
                                super.apply(batch, out);
                              }
                            }),
                    Plant.step("quick", "source", true, (in, _) -> new Pass(in))),
                List.of(
                    new SinkNode<>(
                        "sink", List.of("slow", "quick"), sink.factory(), "", Plant.THREADS))));
    passed.await();
    Await.until("the quick way is through", () -> collected.values.size() == 10);
    pipeline.stop(Duration.ZERO);
    assertThat(end(pipeline).phase()).isEqualTo(Phase.STOPPED);
    assertThat(acknowledged).isEmpty();
    go.countDown();
  }

  @Test
  void rowsThatAStepCannotFlushAreNotAcknowledged() throws Exception {
    Pipeline pipeline =
        start(
            Plant.graph(
                Plant.counter(100, 10, acknowledged),
                List.of(
                    Plant.step(
                        "window",
                        "source",
                        false,
                        (in, _) ->
                            new Pass(in) {
                              @Override
                              public long held() {
                                return 10;
                              }

                              @Override
                              public void flush(BatchOutput out) {
                                throw new IllegalStateException("no end");
                              }
                            })),
                List.of(Plant.sink("sink", "window", collected::open))));
    PipelineStatus last = end(pipeline);
    assertThat(last.phase()).isEqualTo(Phase.FAILED);
    assertThat(last.reason()).contains("window").contains("no end");
    assertThat(acknowledged).doesNotContain("100").last().isEqualTo("90");
    assertThat(pipeline.ledger().balanced()).isTrue();
  }

  @Test
  void anInterruptThatAPluginLeavesBehindCostsNoRow() throws Exception {
    Pipeline pipeline =
        start(
            Plant.graph(
                Plant.counter(200, 10, acknowledged),
                List.of(
                    Plant.step(
                        "rude",
                        "source",
                        true,
                        (in, _) ->
                            new Pass(in) {
                              @Override
                              public void apply(Batch batch, BatchOutput out) throws Exception {
                                super.apply(batch, out);
                                Thread.currentThread().interrupt();
                              }
                            })),
                List.of(
                    Plant.sink(
                        "sink",
                        "rude",
                        _ -> collected.open(_ -> Thread.currentThread().interrupt())))));
    assertThat(end(pipeline).phase()).isEqualTo(Phase.FINISHED);
    assertThat(collected.values).hasSize(200);
  }

  @Test
  void aStopEndsAStartThatHangs() throws Exception {
    CountDownLatch hanging = new CountDownLatch(1);
    Pipeline pipeline =
        start(
            Plant.graph(
                Plant.counter(10, 10, acknowledged),
                List.of(
                    Plant.step(
                        "deaf",
                        "source",
                        true,
                        (_, _) -> {
                          hanging.countDown();
                          new CountDownLatch(1).await();
                          throw new IllegalStateException();
                        })),
                List.of(Plant.sink("sink", "deaf", collected::open))));
    hanging.await();
    pipeline.stop(Duration.ofMillis(10));
    assertThat(end(pipeline).phase()).isEqualTo(Phase.STOPPED);
  }

  @Test
  void aSinkThatHoldsMoreThanMemoryAllowsIsFinishedAndOpenedAnew() throws Exception {
    List<Double> durable = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger lives = new AtomicInteger();
    AtomicInteger writes = new AtomicInteger();
    Graph usual =
        Plant.graph(
            Plant.counter(5_000, 10, acknowledged),
            List.of(),
            List.of(
                Plant.sink(
                    "sink",
                    "source",
                    _ -> {
                      lives.incrementAndGet();
                      Collected open = new Collected();
                      Sink inner = open.open(_ -> {});
                      return new Sink() {
                        @Override
                        public void write(Batch batch) throws Exception {
                          if (writes.incrementAndGet() == 450) {
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
                    })));
    Graph.Limits f = Plant.FAST;
    Graph small =
        new Graph(
            "default",
            "test",
            new Graph.Limits(256 << 10, 4, f.timeout(), f.retryMin(), f.retryMax(), 0),
            usual.sources(),
            usual.steps(),
            usual.sinks());
    Pipeline pipeline = start(small);
    assertThat(end(pipeline).phase()).isEqualTo(Phase.FINISHED);
    assertThat(new HashSet<>(durable)).hasSize(5_000);
    assertThat(lives.get()).isGreaterThan(2);
    assertThat(pipeline.ledger().balanced()).isTrue();
  }

  @Test
  void aFailureThatLastsAtTheEndOfASinkEndsThePipeline() throws Exception {
    Pipeline pipeline =
        start(
            Plant.graph(
                Plant.counter(10, 10, acknowledged),
                List.of(),
                List.of(
                    Plant.sink(
                        "sink",
                        "source",
                        _ ->
                            new Sink() {
                              @Override
                              public void write(Batch batch) {}

                              @Override
                              public long held() {
                                return 10;
                              }

                              @Override
                              public void finish() {
                                throw new PluginException(ErrorCode.REFUSED, "no right to write");
                              }
                            }))));
    PipelineStatus last = end(pipeline);
    assertThat(last.phase()).isEqualTo(Phase.FAILED);
    assertThat(last.reason()).isEqualTo("sink: no right to write");
    assertThat(acknowledged).isEmpty();
    assertThat(account(pipeline, "sink").dropped()).containsEntry("failed", 10L);
  }

  @Test
  void aFolderThatCannotBeWrittenCostsTheRejectedRowsOnlyTheirKeeping() throws Exception {
    Files.createDirectories(state.resolve("default/test"));
    Files.writeString(state.resolve("default/test/rejects"), "a file where a folder should be");
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
                            new Pass(in) {
                              @Override
                              public void apply(Batch batch, BatchOutput out) {
                                throw new IllegalStateException("not me");
                              }
                            })),
                List.of(Plant.sink("sink", "poison", collected::open))));
    assertThat(end(pipeline).phase()).isEqualTo(Phase.FINISHED);
    assertThat(pipeline.ledger().rejected()).isEqualTo(100);
    assertThat(pipeline.ledger().balanced()).isTrue();
  }

  @Test
  void aSubscriptionThatDoesNotReturnIsInterruptedAndItsRowsAreDelivered() throws Exception {
    AtomicInteger written = new AtomicInteger();
    Pipeline pipeline =
        start(
            Plant.graph(
                Plant.source(
                    Optional.empty(),
                    List.of(),
                    _ ->
                        (Subscriber)
                            out -> {
                              for (int i = 1; i <= 100; i++) {
                                double value = i;
                                out.emit(i, rows -> rows.put("t", value));
                              }
                              new CountDownLatch(1).await();
                            }),
                List.of(),
                List.of(
                    Plant.sink("sink", "source", _ -> batch -> written.addAndGet(batch.rows())))));
    Await.until("all written", () -> written.get() == 100);
    pipeline.stop(Duration.ofHours(1));
    PipelineStatus last = end(pipeline);
    assertThat(last.phase()).isEqualTo(Phase.STOPPED);
    assertThat(last.stages().get(0).reason()).isEmpty();
    assertThat(pipeline.ledger().dropped()).isZero();
  }

  /** A subscribed source of one method. */
  private interface Subscriber extends SubscribedSource {}

  @Test
  void rowsOfACallThatFailsAreTakenAsOneOrNotAtAll() throws Exception {
    List<String> seen = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger lives = new AtomicInteger();
    Pipeline pipeline =
        start(
            Plant.graph(
                Plant.source(
                    Optional.empty(),
                    List.of(),
                    _ ->
                        (Subscriber)
                            out -> {
                              if (lives.incrementAndGet() == 1) {
                                out.emit(1, rows -> rows.put("whole", 1));
                                assertThatThrownBy(() -> out.emit(2, TroubleTest::half))
                                    .hasMessage("half");
                                out.emit(3, rows -> rows.put("whole", 2));
                              }
                              out.awaitStop();
                            }),
                List.of(),
                List.of(Plant.sink("sink", "source", _ -> batch -> describe(batch, seen)))));
    Await.until("both are there", () -> seen.size() >= 2);
    pipeline.stop(Duration.ofSeconds(5));
    assertThat(end(pipeline).phase()).isEqualTo(Phase.STOPPED);
    assertThat(seen).containsExactly("whole=1.0 Good", "whole=2.0 Good");
  }

  private static void half(SampleWriter rows) {
    rows.put("half", 1);
    throw new IllegalStateException("half");
  }

  @Test
  void aSourceThatLosesItsSubscriptionAtOnceGivesUpAfterItsAttempts() throws Exception {
    Graph usual =
        Plant.graph(
            Plant.source(
                Optional.empty(),
                List.of(),
                _ ->
                    (Subscriber)
                        (SampleEmitter _) -> {
                          throw new PluginException(ErrorCode.UNREACHABLE, "closed at once");
                        }),
            List.of(),
            List.of(Plant.sink("sink", "source", collected::open)));
    Graph.Limits f = Plant.FAST;
    Graph five =
        new Graph(
            "default",
            "test",
            new Graph.Limits(
                f.memory(), f.queue(), f.timeout(), f.retryMin(), Duration.ofMillis(500), 5),
            usual.sources(),
            usual.steps(),
            usual.sinks());
    PipelineStatus last = end(start(five));
    assertThat(last.phase()).isEqualTo(Phase.FAILED);
    assertThat(last.reason()).contains("closed at once").contains("5 tries");
  }

  @Test
  void aStageMayNotReadTwiceFromTheSame() {
    SinkNode<String> sink = Plant.sink("sink", "source", collected::open);
    SinkNode<String> twice =
        new SinkNode<>("sink", List.of("source", "source"), sink.factory(), "", Plant.THREADS);
    assertThatThrownBy(() ->
            Plant.graph(Plant.counter(1, 1, acknowledged), List.of(), List.<SinkNode<?>>of(twice)))
        .hasMessageContaining("'sink' reads twice");
  }
}
