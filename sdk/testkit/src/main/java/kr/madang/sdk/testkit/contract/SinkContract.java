package kr.madang.sdk.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.CollectedVerification;
import kr.madang.sdk.testkit.Descriptors;
import kr.madang.sdk.testkit.FakeSinkContext;
import kr.madang.sdk.testkit.PluginThreads;
import kr.madang.sdk.testkit.Sample;
import kr.madang.sdk.testkit.SinkDriver;
import kr.madang.sdk.testkit.proxy.Direction;
import kr.madang.sdk.testkit.proxy.Fault;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What is expected of a sink. Extend it, give the factory, a store and a config for samples, and
 * deny by {@link #lacks} what the sink cannot do.
 *
 * @param <C> the config
 */
public abstract class SinkContract<C> extends StageContract<C> {
  private static final long TIME = 1_767_225_600_000_000_000L;
  private static final int ROWS = 5;

  private Scene<Store> scene;
  private PluginThreads threads;
  private final List<String> rejects = Collections.synchronizedList(new ArrayList<>());
  private int written;
  private String stream = "";

  /** For subclasses. */
  @SuppressWarnings("NullAway.Init") // set before each clause
  protected SinkContract() {}

  @Override
  protected abstract SinkFactory<C> factory();

  /**
   * Starts the far side of one clause, empty; closed behind it. May lead to one that is shared by
   * all, as long as nothing of a clause is left for the next.
   *
   * @param folder empty, of this clause
   */
  protected abstract Store store(Path folder) throws Exception;

  @BeforeEach
  final void begin() throws Exception {
    Store store = store(folder);
    stream = "default/" + folder.getFileName() + "/sink";
    scene = new Scene<>(store, folder);
    threads = threads();
  }

  @AfterEach
  final void end() throws Exception {
    if (scene != null) {
      scene.close();
    }
  }

  @Override
  void check(C config) throws Exception {
    factory().check(config, Samples.SCHEMA);
  }

  private FakeSinkContext context(Duration timeout) {
    return new FakeSinkContext(arrow.get(), clock, timeout, rejects);
  }

  private SinkDriver<C> open() throws Exception {
    return open(timeout());
  }

  private SinkDriver<C> open(Duration timeout) throws Exception {
    return SinkDriver.open(
        factory(), config(scene.place()), Samples.SCHEMA, context(timeout), threads);
  }

  /** Rows of values never written before, under the names that follow. */
  private Batch next() {
    written += ROWS;
    return rows(written - ROWS + 1, stream, 1, written - ROWS);
  }

  private Batch rows(int first, String stream, long epoch, long sequence) {
    try (SampleWriter writer = new SampleWriter(arrow.get())) {
      writer.receivedAt(TIME);
      for (int i = 0; i < ROWS; i++) {
        writer.put(tag(first + i), first + i, Quality.GOOD, time(first + i));
      }
      return named(writer, stream, epoch, sequence);
    }
  }

  private static Batch named(SampleWriter writer, String stream, long epoch, long sequence) {
    try (Batch batch = writer.take()) {
      return batch.retainAs(stream, epoch, sequence);
    }
  }

  private static String tag(int value) {
    return value % 2 == 0 ? "line/even" : "line/odd";
  }

  private static long time(int value) {
    return TIME + value * 1_000_000L;
  }

  private static List<Double> values(List<Sample> samples) {
    return samples.stream()
        .filter(s -> s.value() instanceof Number)
        .map(s -> s.value() instanceof Number number ? number.doubleValue() : Double.NaN)
        .sorted()
        .toList();
  }

  private static List<Double> upTo(int last) {
    List<Double> values = new ArrayList<>();
    for (int value = 1; value <= last; value++) {
      values.add((double) value);
    }
    return values;
  }

  private List<Double> stored() throws Exception {
    return values(scene.device().stored());
  }

  private void awaitStored(List<Double> expected) throws Exception {
    long end = System.nanoTime() + patience().toNanos();
    while (stored().size() < expected.size() && System.nanoTime() < end) {
      Thread.onSpinWait();
    }
    assertThat(stored()).as("what is stored").isEqualTo(expected);
  }

  /** Everything written so far is there, and once if the sink can tell. */
  private void awaitAll() throws Exception {
    Await.until("all rows are there", patience(), () -> stored().containsAll(upTo(written)));
    assertThat(stored()).as("what is stored").isSubsetOf(upTo(written));
    if (has(Capability.IDEMPOTENCE)) {
      assertThat(stored()).as("what is stored, each once").isEqualTo(upTo(written));
    }
  }

  @Test
  final void whatIsWrittenIsThereWhenItIsFinished() throws Exception {
    try (SinkDriver<C> sink = open()) {
      for (int i = 0; i < 3; i++) {
        try (Batch batch = next()) {
          sink.write(batch);
        }
        sink.idle();
      }
      sink.finish();
      assertThat(sink.held()).as("held after finishing").isZero();
    }
    awaitStored(upTo(written));
    assertThat(scene.device().stored())
        .as("each value under its tag")
        .allMatch(s -> s.value() instanceof Number n && s.tag().equals(tag(n.intValue())));
    assertThat(rejects).isEmpty();
  }

  @Test
  final void whatIsNotHeldIsThere() throws Exception {
    try (SinkDriver<C> sink = open()) {
      for (int i = 0; i < 3; i++) {
        try (Batch batch = next()) {
          sink.write(batch);
        }
        int safe = Math.toIntExact(written - Math.min(written, sink.held()));
        Await.until(
            "the first " + safe + " rows, which are not held, are there",
            patience(),
            () -> stored().containsAll(upTo(safe)));
      }
    }
  }

  @Test
  final void anEmptyBatchIsHarmless() throws Exception {
    try (SinkDriver<C> sink = open();
        SampleWriter writer = new SampleWriter(arrow.get());
        Batch empty = named(writer, stream, 1, 0);
        Batch batch = next()) {
      sink.write(empty);
      sink.write(batch);
      sink.finish();
    }
    awaitStored(upTo(written));
  }

  @Test
  final void theTimeAtTheSourceIsKept() throws Exception {
    expects(Capability.SOURCE_TIME);
    write();
    assertThat(scene.device().stored())
        .allMatch(s ->
            s.value() instanceof Number n
                && Long.valueOf(time(n.intValue())).equals(s.sourceTime()));
  }

  private void write() throws Exception {
    try (SinkDriver<C> sink = open();
        Batch batch = next()) {
      sink.write(batch);
      sink.finish();
    }
    awaitStored(upTo(written));
  }

  @Test
  final void aStatusArrivesUnchanged() throws Exception {
    expects(Capability.STATUS_CODES);
    List<Integer> codes = List.of(Quality.GOOD, Quality.UNCERTAIN_SUBSTITUTE_VALUE, 0x40A7_0123);
    writeCodes(codes);
    assertThat(scene.device().stored().stream().map(Sample::status))
        .containsExactlyInAnyOrderElementsOf(codes);
  }

  private void writeCodes(List<Integer> codes) throws Exception {
    try (SinkDriver<C> sink = open();
        SampleWriter writer = new SampleWriter(arrow.get())) {
      writer.receivedAt(TIME);
      for (int i = 0; i < codes.size(); i++) {
        writer.put("line/odd", i + 1, codes.get(i), time(i));
      }
      try (Batch batch = named(writer, stream, 1, 0)) {
        sink.write(batch);
      }
      sink.finish();
    }
    Await.until(
        "all rows are stored or rejected",
        patience(),
        () ->
            scene.device().stored().size() + (rejects.isEmpty() ? 0 : codes.size())
                >= codes.size());
  }

  @Test
  final void aBadRowIsNeverGood() throws Exception {
    writeCodes(List.of(Quality.BAD_SENSOR_FAILURE, Quality.BAD_NO_COMMUNICATION));
    assertThat(scene.device().stored()).as("Bad rows").noneMatch(Sample::good);
    if (has(Capability.BAD_ROWS)) {
      assertThat(rejects).as("Bad rows that were refused").isEmpty();
    }
  }

  @Test
  final void rowsWrittenAgainAreThereOnce() throws Exception {
    expects(Capability.IDEMPOTENCE);
    for (int life = 0; life < 2; life++) {
      try (SinkDriver<C> sink = open();
          Batch first = rows(1, stream, 1, 0);
          Batch second = rows(1 + ROWS, stream, 1, ROWS)) {
        sink.write(first);
        sink.write(first);
        sink.write(second);
        sink.finish();
      }
    }
    try (SinkDriver<C> sink = open();
        Batch overlapping = rows(3, stream, 1, 2)) {
      sink.write(overlapping);
      sink.finish();
    }
    awaitStored(upTo(2 * ROWS));
  }

  @Test
  final void rowsOfOtherNamesAreOtherRows() throws Exception {
    try (SinkDriver<C> sink = open();
        Batch first = rows(1, stream, 1, 0);
        Batch later = rows(1, stream, 1, ROWS);
        Batch epoch = rows(1, stream, 2, 0);
        Batch other = rows(1, stream + "2", 2, 0)) {
      for (Batch batch : List.of(first, later, epoch, other)) {
        sink.write(batch);
      }
      sink.finish();
    }
    List<Double> four = new ArrayList<>();
    for (double value : upTo(ROWS)) {
      four.addAll(Collections.nCopies(4, value));
    }
    awaitStored(four);
  }

  @Test
  final void aBatchIsOnlyBorrowed() throws Exception {
    try (SinkDriver<C> sink = open()) {
      try (Batch batch = next()) {
        List<Sample> before = Sample.of(batch);
        sink.write(batch);
        assertThat(Sample.of(batch)).as("the batch after writing").isEqualTo(before);
      }
      sink.idle();
      sink.finish();
    }
    awaitStored(upTo(written));
  }

  /** What opening and writing throws. */
  private @Nullable Throwable opening() {
    try (SinkDriver<C> sink = open(shortTimeout());
        Batch batch = next()) {
      sink.write(batch);
      sink.finish();
      return null;
    } catch (AssertionError e) {
      throw e;
    } catch (Throwable e) {
      return e;
    }
  }

  private void failsAtOpening(String when, Fault fault) throws Exception {
    expects(Capability.NETWORK);
    scene.set(fault);
    assertRetriable(when, opening());
  }

  @Test
  final void aStoreThatRefusesIsAnErrorThatCanPass() throws Exception {
    failsAtOpening("refused at opening", new Fault.Refuse());
  }

  @Test
  final void aStoreThatIsSilentFromTheStartIsAnErrorThatCanPass() throws Exception {
    failsAtOpening("silent at opening", new Fault.HalfOpen());
  }

  @Test
  final void aStoreThatHangsUpAtOnceIsAnErrorThatCanPass() throws Exception {
    failsAtOpening("closed at opening", new Fault.Finish());
  }

  @Test
  final void garbageAtOpeningIsAnErrorThatCanPass() throws Exception {
    expects(Capability.GARBAGE);
    failsAtOpening(
        "garbage at opening", new Fault.OneWay(Direction.TO_CLIENT, new Fault.Garbage(1, 1)));
  }

  /**
   * A fault behind the first batch ends the second; nothing that was not held is lost by it, and a
   * new sink takes what failed.
   */
  private void ends(String when, Fault fault) throws Exception {
    expects(Capability.NETWORK);
    Throwable failure = null;
    try (SinkDriver<C> sink = open();
        Batch first = next()) {
      sink.write(first);
      sink.finish();
      scene.set(fault);
      try (Batch second = next()) {
        sink.write(second);
        sink.finish();
      } catch (AssertionError e) {
        throw e;
      } catch (Throwable e) {
        failure = e;
      }
    }
    assertRetriable(when, failure);
    scene.set(new Fault.Pass());
    scene.proxy().cut();
    Await.until(
        "what was there before " + when + " is there still",
        patience(),
        () -> stored().containsAll(upTo(ROWS)));
    try (SinkDriver<C> sink = open();
        Batch again = rows(written - ROWS + 1, stream, 1, written - ROWS)) {
      sink.write(again);
      sink.finish();
    }
    awaitAll();
  }

  @Test
  final void aCutConnectionIsAnErrorThatCanPassAndNothingIsLost() throws Exception {
    ends("a cut", new Fault.Refuse());
  }

  @Test
  final void aConnectionThatFallsSilentIsAnErrorThatCanPassAndNothingIsLost() throws Exception {
    ends("silence", new Fault.HalfOpen());
  }

  @Test
  final void garbageIsAnErrorThatCanPassAndNothingIsLost() throws Exception {
    expects(Capability.GARBAGE);
    ends("garbage", new Fault.OneWay(Direction.TO_CLIENT, new Fault.Garbage(1, 1)));
  }

  @Test
  final void answersInSingleBytesAreAnswers() throws Exception {
    expects(Capability.NETWORK);
    scene.set(new Fault.Trickle(Duration.ZERO));
    write();
  }

  @Test
  final void anInterruptEndsAWriteThatWaits() throws Exception {
    expects(Capability.NETWORK, Capability.INTERRUPTION);
    try (SinkDriver<C> sink = open(patience().multipliedBy(3));
        Batch first = next();
        Batch second = next()) {
      sink.write(first);
      sink.finish();
      long carried = scene.proxy().swallowed();
      scene.set(new Fault.HalfOpen());
      Thread interrupter =
          threads.start(
              "interrupter",
              () -> {
                long end = System.nanoTime() + patience().toNanos();
                while (scene.proxy().swallowed() == carried && System.nanoTime() < end) {
                  Thread.onSpinWait();
                }
                sink.interrupt();
              });
      Throwable failure = null;
      try {
        sink.write(second);
        sink.finish();
      } catch (AssertionError e) {
        throw e;
      } catch (Throwable e) {
        failure = e;
      }
      interrupter.join();
      assertThat(failure)
          .as("the interrupted write did not end as if it had been done")
          .isNotNull();
    }
  }

  @Test
  final void closingTwiceIsHarmless() throws Exception {
    SinkDriver<C> sink = open();
    try (sink;
        Batch batch = next()) {
      sink.write(batch);
    }
    threads.call(
        "close again, on another thread",
        () -> {
          sink.sink().close();
          return true;
        });
  }

  @Test
  final void checkingDoesNotTouchTheStore() throws Exception {
    if (has(Capability.NETWORK)) {
      scene.set(new Fault.Refuse());
    }
    C config = config(scene.place());
    threads.call(
        "check",
        () -> {
          factory().check(config, Samples.SCHEMA);
          return true;
        });
  }

  @Test
  final void failedOpeningsLeaveNothing() throws Exception {
    expects(Capability.NETWORK);
    failToOpen();
    long before = Descriptors.open();
    for (int i = 0; i < lives(); i++) {
      failToOpen();
    }
    threads.assertNoneLeft();
    assertNoDescriptorLeft(before);
  }

  private void failToOpen() throws Exception {
    for (Fault fault : List.of(new Fault.Refuse(), new Fault.Reset())) {
      scene.set(fault);
      assertThat(opening()).as("opening while the store is away").isNotNull();
    }
  }

  @Test
  final void livesLeaveNothing() throws Exception {
    write();
    long before = Descriptors.open();
    for (int i = 0; i < lives(); i++) {
      write();
    }
    threads.assertNoneLeft();
    assertNoDescriptorLeft(before);
  }

  @Test
  final void theClassLoaderCanGo() throws Exception {
    expects(Capability.UNLOADING);
    Unloading.assertCollected(
        getClass(),
        patience(),
        copy -> {
          if (copy instanceof SinkContract<?> contract) {
            lifeOf(contract);
          }
        });
  }

  private <T> void lifeOf(SinkContract<T> copy) throws Exception {
    PluginThreads own = threads();
    T config = own.call("config", () -> copy.config(scene.place()));
    try (SinkDriver<T> sink =
            SinkDriver.open(copy.factory(), config, Samples.SCHEMA, context(longTimeout()), own);
        Batch batch = next()) {
      sink.write(batch);
      sink.finish();
    }
  }

  @Test
  final void verifyingPassesWhenAllIsWell() throws Exception {
    CollectedVerification verification = verify();
    assertThat(failed(verification)).isEmpty();
    assertThat(verification.results().isEmpty() && has(Capability.VERIFICATION))
        .as("verify looks at nothing; deny VERIFICATION or check the far side")
        .isFalse();
    threads.assertNoneLeft();
  }

  @Test
  final void verifyingFindsAStoreThatIsAway() throws Exception {
    expects(Capability.NETWORK, Capability.VERIFICATION);
    scene.set(new Fault.Refuse());
    assertThat(failed(verify())).as("failed steps").isNotEmpty();
    threads.assertNoneLeft();
  }

  private CollectedVerification verify() throws Exception {
    CollectedVerification verification = new CollectedVerification();
    C config = config(scene.place());
    threads.call(
        "verify",
        () -> {
          factory().verify(config, verification);
          return true;
        });
    return verification;
  }
}
