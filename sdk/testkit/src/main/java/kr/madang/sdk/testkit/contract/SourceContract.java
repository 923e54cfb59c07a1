package kr.madang.sdk.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.source.Browsable;
import kr.madang.sdk.source.Commandable;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.PolledSource;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.source.Tag;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.CollectedVerification;
import kr.madang.sdk.testkit.Descriptors;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.PluginThreads;
import kr.madang.sdk.testkit.Sample;
import kr.madang.sdk.testkit.SourceDriver;
import kr.madang.sdk.testkit.proxy.Direction;
import kr.madang.sdk.testkit.proxy.Fault;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What is expected of a source. Extend it, give the factory, a device and a config of samples, and
 * deny by {@link #lacks} what the source cannot do.
 *
 * @param <C> the config
 */
public abstract class SourceContract<C> extends StageContract<C> {
  private static final Instant BEGIN = Instant.parse("2025-12-31T23:00:00Z");
  private static final Duration AGAIN = Duration.ofMillis(25);
  private static final List<Instant> ODD_TIMES =
      List.of(Instant.parse("1601-06-01T00:00:00Z"), Instant.parse("2350-01-01T00:00:00Z"));

  private Scene<Device> scene;
  private PluginThreads threads;
  private int said;

  /** For subclasses. */
  @SuppressWarnings("NullAway.Init") // set before each clause
  protected SourceContract() {}

  @Override
  protected abstract SourceFactory<C> factory();

  /**
   * Starts the far side of one clause; closed behind it. May lead to one that is shared by all, as
   * long as nothing of a clause is left for the next.
   *
   * @param folder empty, of this clause
   */
  protected abstract Device device(Path folder) throws Exception;

  @BeforeEach
  final void begin() throws Exception {
    Device device = device(folder);
    scene = new Scene<>(device, folder);
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
    factory().tags(config);
    factory().frames(config);
  }

  private FakeSourceContext context() {
    return context(timeout(), Optional.empty(), Optional.empty());
  }

  private FakeSourceContext context(
      Duration timeout, Optional<Position> position, Optional<Instant> latest) {
    return new FakeSourceContext(
        arrow.get(),
        clock,
        position,
        timeout,
        Collections.synchronizedList(new ArrayList<>()),
        latest,
        Collections.synchronizedList(new ArrayList<>()));
  }

  private SourceDriver<C> open() {
    return open(context());
  }

  private SourceDriver<C> openInVain() {
    return open(context(shortTimeout(), Optional.empty(), Optional.empty()));
  }

  private SourceDriver<C> open(FakeSourceContext context) {
    return SourceDriver.start(factory(), config(scene.place()), context, threads);
  }

  private String tag(int number) {
    return scene.device().tags().get(number);
  }

  private Instant time() {
    return BEGIN.plusMillis(said);
  }

  private static long nanos(Instant time) {
    return time.getEpochSecond() * 1_000_000_000 + time.getNano();
  }

  /** Says one value that was never said before. */
  private double say(int tag, int status) throws Exception {
    said++;
    scene.device().write(tag(tag), said, status, time());
    return said;
  }

  private Sample hear(SourceDriver<?> source, int tag, double value) throws Exception {
    return source.await(tag(tag) + " = " + value, sample -> sample.is(tag(tag), value));
  }

  /** Says values until one arrives, and one more when the way stands. Nothing is under way then. */
  private Sample flowing(SourceDriver<?> source) throws Exception {
    long end = System.nanoTime() + patience().toNanos();
    int first = said + 1;
    boolean came = false;
    while (!came) {
      if (source.over()) {
        throw new AssertionError("the source ended before it gave anything", source.failure());
      }
      if (System.nanoTime() > end) {
        throw new AssertionError("nothing of what was said came within " + patience());
      }
      say(0, Quality.GOOD);
      long next = System.nanoTime() + AGAIN.toNanos();
      while (!came && !source.over() && System.nanoTime() < next) {
        came =
            source.has(s ->
                s.tag().equals(tag(0))
                    && s.value() instanceof Number n
                    && n.doubleValue() >= first);
        LockSupport.parkNanos(500_000);
      }
    }
    return hear(source, 0, say(0, Quality.GOOD));
  }

  private void fails(SourceDriver<?> source, String when) throws Exception {
    source.awaitOver(when);
    assertRetriable(when, source.failure());
  }

  /**
   * A fault between a flowing source and its far side ends it, and nothing old is given as Good.
   */
  private void ends(String when, Fault fault) throws Exception {
    try (SourceDriver<C> source = open()) {
      flowing(source);
      scene.set(fault);
      long since = System.nanoTime();
      while (!source.over() && System.nanoTime() - since < patience().toNanos()) {
        say(0, Quality.GOOD);
        LockSupport.parkNanos(20_000_000);
      }
      fails(source, when);
      assertThat(source.arrivals())
          .as("%s: Good samples that nobody can have said", when)
          .noneMatch(arrival -> arrival.begun() > since && arrival.sample().good());
    }
  }

  @Test
  final void whatTheDeviceSaysArrives() throws Exception {
    try (SourceDriver<C> source = open()) {
      Sample first = flowing(source);
      assertThat(first.good()).as("%s is Good", first).isTrue();
      assertThat(hear(source, 1, say(1, Quality.GOOD)).good()).isTrue();
      assertThat(source.samples())
          .as("receive times are the host's")
          .allMatch(s -> s.receiveTime() == nanos(clock.instant()));
    }
  }

  @Test
  final void eachTagIsDeclaredBeforeOpening() throws Exception {
    expects(Capability.DECLARED_TAGS);
    C config = config(scene.place());
    if (has(Capability.NETWORK)) {
      scene.set(new Fault.Refuse());
    }
    List<String> declared =
        threads.call("tags", () -> factory().tags(config)).stream().map(Tag::name).toList();
    assertThat(declared).containsAll(scene.device().tags()).doesNotHaveDuplicates();
    if (has(Capability.NETWORK)) {
      scene.set(new Fault.Pass());
    }
    try (SourceDriver<C> source = open()) {
      flowing(source);
      assertThat(source.samples()).allMatch(sample -> declared.contains(sample.tag()));
    }
  }

  @Test
  final void theTimeAtTheSourceIsKept() throws Exception {
    expects(Capability.SOURCE_TIME);
    try (SourceDriver<C> source = open()) {
      Sample sample = flowing(source);
      assertThat(sample.sourceTime()).isEqualTo(nanos(time()));
    }
  }

  @Test
  final void aTimeThatDoesNotFitIsLeftOutAndTheSampleIsNotGood() throws Exception {
    expects(Capability.SOURCE_TIME, Capability.ANY_TIME);
    FakeSourceContext context = context();
    try (SourceDriver<C> source = open(context)) {
      flowing(source);
      int rejects = 0;
      for (Instant odd : ODD_TIMES) {
        said++;
        double value = said;
        scene.device().write(tag(0), value, Quality.GOOD, odd);
        int rejected = rejects;
        Await.until(
            "a sample of " + odd + " is given or rejected",
            patience(),
            () -> context.rejects().size() > rejected || source.has(s -> s.is(tag(0), value)));
        rejects = context.rejects().size();
        assertThat(source.samples().stream().filter(s -> s.is(tag(0), value)))
            .as("samples of %s", odd)
            .allMatch(sample -> sample.sourceTime() == null && !sample.good());
      }
    }
  }

  @Test
  final void aValueThatCannotBeUsedIsBadAndTheOthersAreGood() throws Exception {
    expects(Capability.QUALITY);
    try (SourceDriver<C> source = open()) {
      flowing(source);
      hear(source, 1, say(1, Quality.GOOD));
      double bad = say(1, Quality.BAD_SENSOR_FAILURE);
      source.await(tag(1) + " is Bad", s -> s.tag().equals(tag(1)) && Quality.isBad(s.status()));
      assertThat(hear(source, 0, say(0, Quality.GOOD)).good()).isTrue();
      assertThat(source.samples())
          .as("a Bad value given as Good")
          .noneMatch(sample -> sample.is(tag(1), bad) && sample.good());
    }
  }

  @Test
  final void aStatusArrivesUnchanged() throws Exception {
    expects(Capability.QUALITY, Capability.STATUS_CODES);
    try (SourceDriver<C> source = open()) {
      flowing(source);
      for (int status :
          List.of(
              Quality.UNCERTAIN_LAST_USABLE_VALUE,
              Quality.BAD_SENSOR_FAILURE,
              Quality.BAD_OUT_OF_SERVICE)) {
        say(1, status);
        source.await(
            tag(1) + " is " + Quality.name(status),
            s -> s.tag().equals(tag(1)) && s.status() == status);
      }
    }
  }

  @Test
  final void noChangeIsMissing() throws Exception {
    expects(Capability.EVERY_CHANGE);
    try (SourceDriver<C> source = open()) {
      flowing(source);
      List<Double> expected = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        expected.add(say(0, Quality.GOOD));
      }
      hear(source, 0, expected.getLast());
      assertThat(values(source, expected.getFirst())).isEqualTo(expected);
    }
  }

  /** The numbers of the first tag from one on, in the order of their coming. */
  private List<Double> values(SourceDriver<?> source, double from) {
    return source.samples().stream()
        .filter(
            s -> s.tag().equals(tag(0)) && s.value() instanceof Number n && n.doubleValue() >= from)
        .map(s -> s.value() instanceof Number n ? n.doubleValue() : Double.NaN)
        .toList();
  }

  @Test
  final void itGoesOnExactlyBehindAPosition() throws Exception {
    expects(Capability.POSITIONS);
    List<SourceDriver.Arrival> arrivals;
    try (SourceDriver<C> source = open()) {
      flowing(source);
      for (int i = 0; i < 5; i++) {
        hear(source, 0, say(0, Quality.GOOD));
      }
      assertThat(source.source()).isInstanceOf(LogSource.class);
      arrivals = source.arrivals();
    }
    double last = said;
    Set<Position> positions = new LinkedHashSet<>();
    arrivals.forEach(arrival -> Optional.ofNullable(arrival.position()).ifPresent(positions::add));
    List<Position> tried = new ArrayList<>(positions);
    for (Position position : tried.subList(Math.max(0, tried.size() - 6), tried.size() - 1)) {
      int behind = 0;
      for (int i = 0; i < arrivals.size(); i++) {
        behind = position.equals(arrivals.get(i).position()) ? i + 1 : behind;
      }
      List<Sample> expected =
          arrivals.subList(behind, arrivals.size()).stream()
              .map(SourceDriver.Arrival::sample)
              .toList();
      try (SourceDriver<C> source =
          open(context(timeout(), Optional.of(position), Optional.empty()))) {
        hear(source, 0, last);
        assertThat(source.samples()).as("rows behind %s", position).isEqualTo(expected);
      }
    }
  }

  @Test
  final void whatWasNotAcceptedComesAgain() throws Exception {
    expects(Capability.REDELIVERY);
    Optional<Position> position;
    try (SourceDriver<C> source = open()) {
      flowing(source);
      position = source.arrivals().stream().reduce((_, b) -> b).map(SourceDriver.Arrival::position);
    }
    double value;
    try (SourceDriver<C> source =
        SourceDriver.start(
            factory(),
            config(scene.place()),
            context(timeout(), position, Optional.empty()),
            threads,
            false,
            Duration.ofMillis(50))) {
      value = say(0, Quality.GOOD);
      hear(source, 0, value);
    }
    try (SourceDriver<C> source = open(context(timeout(), position, Optional.empty()))) {
      hear(source, 0, value);
    }
  }

  @Test
  final void whatHappenedWhileNobodyWasThereIsFetched() throws Exception {
    expects(Capability.BACKFILL);
    Instant latest;
    Optional<Position> position;
    try (SourceDriver<C> source = open()) {
      flowing(source);
      latest = time();
      position = source.arrivals().stream().reduce((_, b) -> b).map(SourceDriver.Arrival::position);
    }
    List<Double> missed = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      missed.add(say(0, Quality.GOOD));
    }
    try (SourceDriver<C> source = open(context(timeout(), position, Optional.of(latest)))) {
      for (double value : missed) {
        hear(source, 0, value);
      }
    }
  }

  @Test
  final void itStopsWhenItIsTold() throws Exception {
    try (SourceDriver<C> source = open()) {
      flowing(source);
      source.stop();
      source.awaitOver("told to stop");
      assertThat(source.failure()).as("stopping is no failure").isNull();
    }
  }

  @Test
  final void anInterruptEndsACallThatWaits() throws Exception {
    expects(Capability.INTERRUPTION);
    try (SourceDriver<C> source =
        SourceDriver.start(
            factory(),
            config(scene.place()),
            context(patience().multipliedBy(3), Optional.empty(), Optional.empty()),
            threads,
            true,
            patience().multipliedBy(3))) {
      flowing(source);
      if (has(Capability.NETWORK)) {
        scene.set(new Fault.HalfOpen());
      }
      long since = System.nanoTime();
      if (source.source() instanceof PolledSource) {
        Await.until("a call waits", () -> source.begun() > since);
      }
      source.interrupt();
      source.stop();
      source.awaitOver("interrupted");
      assertThat(source.failure())
          .as("an interrupt is told as such, or as an end in good order")
          .satisfiesAnyOf(
              failure -> assertThat(failure).isNull(),
              failure -> assertThat(failure).isInstanceOf(InterruptedException.class),
              failure -> assertRetriable("interrupted", failure));
    }
  }

  @Test
  final void closingTwiceIsHarmless() throws Exception {
    SourceDriver<C> source = open();
    try (source) {
      flowing(source);
    }
    threads.call(
        "close again, on another thread",
        () -> {
          source.source().close();
          return true;
        });
  }

  @Test
  final void aDeviceThatRefusesIsAnErrorThatCanPass() throws Exception {
    expects(Capability.NETWORK);
    scene.set(new Fault.Refuse());
    try (SourceDriver<C> source = openInVain()) {
      fails(source, "refused at opening");
      assertThat(source.samples()).noneMatch(Sample::good);
    }
  }

  @Test
  final void aDeviceThatIsSilentFromTheStartIsAnErrorThatCanPass() throws Exception {
    expects(Capability.NETWORK);
    scene.set(new Fault.HalfOpen());
    try (SourceDriver<C> source = openInVain()) {
      fails(source, "silent at opening");
      assertThat(source.samples()).noneMatch(Sample::good);
    }
  }

  @Test
  final void aDeviceThatHangsUpAtOnceIsAnErrorThatCanPass() throws Exception {
    expects(Capability.NETWORK);
    scene.set(new Fault.Finish());
    try (SourceDriver<C> source = openInVain()) {
      fails(source, "closed at opening");
    }
  }

  @Test
  final void aCutConnectionIsAnErrorThatCanPass() throws Exception {
    expects(Capability.NETWORK);
    ends("cut", new Fault.Refuse());
  }

  @Test
  final void aConnectionThatWasFinishedIsAnErrorThatCanPass() throws Exception {
    expects(Capability.NETWORK);
    ends("finished", new Fault.Finish());
  }

  @Test
  final void aConnectionThatFallsSilentIsAnErrorThatCanPass() throws Exception {
    expects(Capability.NETWORK);
    ends("half open", new Fault.HalfOpen());
  }

  @Test
  final void garbageIsAnErrorThatCanPass() throws Exception {
    expects(Capability.NETWORK, Capability.GARBAGE);
    ends("garbage", new Fault.OneWay(Direction.TO_CLIENT, new Fault.Garbage(1, 1)));
  }

  @Test
  final void garbageAtOpeningIsAnErrorThatCanPass() throws Exception {
    expects(Capability.NETWORK, Capability.GARBAGE);
    for (int seed = 0; seed < 3; seed++) {
      scene.set(new Fault.OneWay(Direction.TO_CLIENT, new Fault.Garbage(seed, 1)));
      try (SourceDriver<C> source = openInVain()) {
        fails(source, "garbage at opening, seed " + seed);
      }
    }
  }

  @Test
  final void answersInSingleBytesAreAnswers() throws Exception {
    expects(Capability.NETWORK);
    scene.set(new Fault.Trickle(Duration.ZERO));
    try (SourceDriver<C> source = open()) {
      assertThat(flowing(source).good()).isTrue();
    }
  }

  @Test
  final void aNewSourceGoesOnWhenTheDeviceIsBack() throws Exception {
    expects(Capability.NETWORK);
    try (SourceDriver<C> source = open()) {
      flowing(source);
      scene.set(new Fault.Refuse());
      fails(source, "away");
    }
    scene.set(new Fault.Pass());
    try (SourceDriver<C> source = open()) {
      assertThat(flowing(source).good()).isTrue();
    }
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
      try (SourceDriver<C> source = openInVain()) {
        source.awaitOver("away at opening");
      }
    }
  }

  @Test
  final void livesLeaveNothing() throws Exception {
    live();
    long before = Descriptors.open();
    for (int i = 0; i < lives(); i++) {
      live();
    }
    threads.assertNoneLeft();
    assertNoDescriptorLeft(before);
  }

  private void live() throws Exception {
    try (SourceDriver<C> source = open()) {
      flowing(source);
    }
  }

  @Test
  final void theClassLoaderCanGo() throws Exception {
    expects(Capability.UNLOADING);
    Unloading.assertCollected(
        getClass(),
        patience(),
        copy -> {
          if (copy instanceof SourceContract<?> contract) {
            liveOf(contract);
          }
        });
  }

  /** One life of the same source from another class loader. */
  private <T> void liveOf(SourceContract<T> copy) throws Exception {
    PluginThreads own = threads();
    T config = own.call("config", () -> copy.config(scene.place()));
    try (SourceDriver<T> source =
        SourceDriver.start(
            copy.factory(),
            config,
            context(longTimeout(), Optional.empty(), Optional.empty()),
            own)) {
      flowing(source);
    }
  }

  @Test
  final void aCommandIsConfirmedByTheDevice() throws Exception {
    expects(Capability.COMMANDS);
    try (SourceDriver<C> source = open()) {
      flowing(source);
      assertThat(source.source()).isInstanceOf(Commandable.class);
      if (source.source() instanceof Commandable commandable) {
        assertThat(threads.call("command", () -> commandable.command(tag(1), 4_321)))
            .isEqualTo(4_321);
        assertThat(scene.device().read(tag(1))).isEqualTo(4_321);
      }
    }
  }

  @Test
  final void browsingInPagesFindsTheSame() throws Exception {
    expects(Capability.BROWSING);
    try (SourceDriver<C> source = open()) {
      flowing(source);
      assertThat(source.source()).isInstanceOf(Browsable.class);
      if (source.source() instanceof Browsable browsable) {
        List<String> whole = page(browsable, "", 1_000);
        assertThat(whole).isNotEmpty().doesNotHaveDuplicates();
        List<String> single = new ArrayList<>();
        for (List<String> page = page(browsable, "", 1);
            !page.isEmpty() && single.size() <= whole.size();
            page = page(browsable, page.getLast(), 1)) {
          assertThat(page).hasSize(1);
          single.addAll(page);
        }
        assertThat(single).isEqualTo(whole);
      }
    }
  }

  private List<String> page(Browsable browsable, String after, int atMost) throws Exception {
    return threads.call("browse", () -> browsable.browse("", after, atMost)).stream()
        .map(Tag::name)
        .toList();
  }

  @Test
  final void verifyingPassesWhenAllIsWell() throws Exception {
    say(0, Quality.GOOD);
    say(1, Quality.GOOD);
    CollectedVerification verification = verify();
    assertThat(failed(verification)).isEmpty();
    assertThat(verification.results().isEmpty() && has(Capability.VERIFICATION))
        .as("verify looks at nothing; deny VERIFICATION or check the far side")
        .isFalse();
    threads.assertNoneLeft();
  }

  @Test
  final void verifyingFindsADeviceThatIsAway() throws Exception {
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
