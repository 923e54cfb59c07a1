package kr.madang.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.control.PipelineUnit.Facts;
import kr.madang.control.PipelineView.Desired;
import kr.madang.control.PipelineView.State;
import kr.madang.control.store.Store;
import kr.madang.engine.Ledger;
import kr.madang.engine.PipelineStatus;
import kr.madang.host.ArchiveLimits;
import kr.madang.host.HostOptions;
import kr.madang.host.ModelStore;
import kr.madang.host.PluginHost;
import kr.madang.journal.Damage;
import kr.madang.journal.JournalOptions;
import kr.madang.journal.JournalStatus;
import kr.madang.journal.Journals;
import kr.madang.journal.disk.RealDisk;
import kr.madang.sdk.testkit.ManualClock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlatformAlarmsTest {
  private static final Ledger FINE = ledger(10, 10, Map.of());

  @TempDir private Path home;
  private final ManualClock clock = new ManualClock();
  private final Guard guard = new Guard(clock);
  private Store store;
  private AlarmBook book;
  private PluginHost host;
  private Journals journals;
  private ModelStore models;
  private PlatformAlarms alarms;
  private long seconds;

  @BeforeEach
  void open() throws Exception {
    store = Store.inMemory();
    guard.know("default");
    book = new AlarmBook(() -> store, () -> {});
    host = PluginHost.open(HostOptions.of(home.resolve("plugins"), List.of(), "0.1.0", clock));
    journals =
        new Journals(
            home.resolve("journal"),
            JournalOptions.of(new RealDisk(), clock, Thread.ofPlatform().daemon().factory()));
    models = ModelStore.open(home.resolve("models"), ArchiveLimits.DEFAULT);
    alarms = fresh();
  }

  private PlatformAlarms fresh() {
    return new PlatformAlarms(
        book,
        host,
        journals,
        models,
        clock,
        () -> Duration.ofSeconds(seconds).toNanos(),
        List::of,
        false);
  }

  @AfterEach
  void close() {
    journals.close();
    host.close();
    store.close();
  }

  @Test
  void aPipelineThatIsDegradedForAWhileRaisesAnAlarmAndAShortTroubleNone() {
    look(facts(State.DEGRADED, "sink waits for db", FINE));
    seconds += 9;
    look(facts(State.DEGRADED, "sink waits for db", FINE));
    assertThat(active()).isEmpty();
    look(facts(State.RUNNING, "", FINE));
    seconds += 9;
    look(facts(State.DEGRADED, "sink waits for db", FINE));
    assertThat(active()).as("it was well between").isEmpty();
    seconds += 10;
    look(facts(State.DEGRADED, "sink waits for db", FINE));
    assertThat(active()).containsExactly("medium pipeline.degraded: sink waits for db");
    look(facts(State.RUNNING, "", FINE));
    assertThat(active()).isEmpty();
  }

  @Test
  void aLedgerThatDoesNotBalanceTwiceInARowIsCritical() {
    Ledger wrong = ledger(10, 7, Map.of());
    look(facts(State.RUNNING, "", wrong));
    assertThat(active()).as("one look may fall between two steps").isEmpty();
    seconds++;
    look(facts(State.RUNNING, "", FINE));
    seconds++;
    look(facts(State.RUNNING, "", wrong));
    assertThat(active()).isEmpty();
    seconds++;
    look(facts(State.RUNNING, "", wrong));
    assertThat(active())
        .containsExactly(
            "critical pipeline.ledger: the ledger does not balance: stage sink took in 10 rows, of"
                + " which 7 absorbed, 0 filtered, 0 rejected, 0 dropped, 0 held and 0 in work");
    look(facts(State.RUNNING, "", FINE));
    assertThat(active()).isEmpty();
  }

  @Test
  void aLossIsToldOnceWithItsCountAndStaysUntilSomebodyHasSeenIt() {
    look(facts(State.RUNNING, "", ledger(10, 7, Map.of("dropOldest", 3L))));
    assertThat(active())
        .containsExactly(
            "high pipeline.gap.dropOldest: 3 rows were dropped by the policy dropOldest (sink 3)");
    look(facts(State.RUNNING, "", ledger(20, 15, Map.of("dropOldest", 5L))));
    assertThat(active())
        .containsExactly(
            "high pipeline.gap.dropOldest: 5 rows were dropped by the policy dropOldest (sink 5)");
    look(facts(State.STOPPED, "", FINE));
    assertThat(active()).as("rows that are gone do not come back").hasSize(1);
    acknowledge();
    assertThat(active()).isEmpty();
    look(facts(State.RUNNING, "", ledger(20, 15, Map.of("dropOldest", 5L))));
    assertThat(active()).as("people know of these").isEmpty();
    alarms = fresh();
    alarms.load();
    look(facts(State.RUNNING, "", ledger(20, 15, Map.of("dropOldest", 5L))));
    assertThat(active()).as("also after a restart").isEmpty();
    look(facts(State.RUNNING, "", ledger(30, 24, Map.of("dropOldest", 6L))));
    assertThat(active()).as("one more is news").hasSize(1);
    look();
    assertThat(active()).as("its pipeline was deleted").isEmpty();
  }

  @Test
  void whatTheJournalLostOnTheWayToAStageIsALossToo() {
    Ledger.Link link = new Ledger.Link("source", "align", 10, 6, 4, 0);
    look(facts(State.RUNNING, "", new Ledger(List.of(), List.of(link))));
    assertThat(active())
        .containsExactly(
            "critical pipeline.gap.journal: rows are gone from the journal, for want of room or by"
                + " damage: 4 from source to align");
  }

  @Test
  void whatAStepDropsOnPurposeIsNoLoss() {
    look(facts(State.RUNNING, "", ledger(10, 7, Map.of("late", 3L))));
    assertThat(active()).isEmpty();
  }

  @Test
  void aPipelineThatFailsAgainAndAgainHasOneAlarmThatSaysWhenItIsTriedNext() {
    look(facts(State.FAILED, "no route", FINE));
    assertThat(active()).containsExactly("high pipeline.failed: no route");
    look(looping());
    assertThat(active())
        .containsExactly(
            "high pipeline.crashLooping: failed again and again within ten minutes, the last time"
                + " because no route; next try at 1970-01-01T00:01:00Z");
    look(facts(State.STARTING, "", FINE));
    assertThat(active()).as("a start is no success").hasSize(1);
    look(facts(State.RUNNING, "", FINE));
    assertThat(active()).isEmpty();
  }

  @Test
  void aJournalTellsWhatItLacksAndWhatIsBroken() {
    List<String> raised = new ArrayList<>();
    JournalAlarms.Raise to =
        (subject, severity, message) ->
            raised.add(severity + " " + subject.cause() + " " + subject.stage() + ": " + message);
    Damage first = new Damage(Instant.EPOCH, "seg-1", 512, "bad checksum, 40 rows set aside");
    Damage second = new Damage(Instant.EPOCH, "seg-1", 900, "bad length");
    JournalAlarms.of(
        "default", status(JournalStatus.State.FULL, "no room", List.of(first, second)), to);
    JournalAlarms.of("default", status(JournalStatus.State.FAILING, "EIO", List.of()), to);
    JournalAlarms.of("default", status(JournalStatus.State.OPEN, "", List.of()), to);
    assertThat(raised)
        .containsExactly(
            "high journal.full : no room",
            "critical journal.damaged seg-1: seg-1 at 900: bad length (and 1 more places in this"
                + " file)",
            "critical journal.failing : EIO");
  }

  private void look(Facts... facts) {
    alarms.look(List.of(facts));
    alarms.write();
  }

  private void acknowledge() {
    Alarms verbs = new Alarms(guard, book, () -> store, clock);
    for (Alarm alarm : book.active()) {
      assertThat(verbs.acknowledge(House.ADMIN, "default", alarm.id()).active()).isFalse();
    }
  }

  private List<String> active() {
    return book.active().stream()
        .map(alarm -> alarm.severity() + " " + alarm.cause() + ": " + alarm.message())
        .toList();
  }

  private static JournalStatus status(
      JournalStatus.State state, String reason, List<Damage> damage) {
    return new JournalStatus(state, reason, 0, 1, 0, 0, damage, damage.size());
  }

  private static Ledger ledger(long in, long absorbed, Map<String, Long> dropped) {
    return new Ledger(
        List.of(new Ledger.Stage("sink", in, absorbed, 0, 0, dropped, 0, 0, 0)), List.of());
  }

  private static Facts looping() {
    return facts(State.FAILED, "no route", FINE, true, Optional.of(Instant.ofEpochSecond(60)));
  }

  private static Facts facts(State state, String reason, Ledger ledger) {
    return facts(state, reason, ledger, false, Optional.empty());
  }

  private static Facts facts(
      State state, String reason, Ledger ledger, boolean looping, Optional<Instant> next) {
    return new Facts(
        new PipelineView(
            "default",
            "p",
            "",
            1,
            Desired.RUNNING,
            state,
            reason,
            0,
            looping,
            next,
            "journal",
            List.of(),
            new PipelineStatus(PipelineStatus.Phase.RUNNING, "", Instant.EPOCH, List.of()),
            List.of(),
            Instant.EPOCH,
            Instant.EPOCH),
        ledger);
  }
}
