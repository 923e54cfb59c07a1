package kr.madang.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import kr.madang.sdk.testkit.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class WatchdogTest {
  private static final long SOON = Duration.ofMillis(5).toNanos();
  private static final long NEVER = Duration.ofHours(1).toNanos();

  private final Watchdog watchdog = new Watchdog();
  private final AtomicInteger told = new AtomicInteger();

  @AfterEach
  void close() {
    watchdog.close();
  }

  @Test
  void aRunThatIsLateIsToldSoOnce() throws Exception {
    Watchdog.Watched other = watchdog.watch(NEVER, told::incrementAndGet);
    watchdog.watch(SOON, told::incrementAndGet);
    Await.until("it is told", () -> told.get() == 1);
    AtomicInteger later = new AtomicInteger();
    watchdog.watch(SOON, later::incrementAndGet);
    Await.until("a later one is told", () -> later.get() == 1);
    assertThat(told).hasValue(1);
    other.leave();
  }

  @Test
  void aRunThatHasEndedIsNotTold() throws Exception {
    watchdog.watch(SOON, told::incrementAndGet).leave();
    AtomicInteger later = new AtomicInteger();
    watchdog.watch(SOON, later::incrementAndGet);
    Await.until("a later one is told", () -> later.get() == 1);
    assertThat(told).hasValue(0);
  }

  @Test
  void oneThatCannotBeToldDoesNotKeepTheOthersFromBeingWatched() throws Exception {
    watchdog.watch(
        SOON,
        () -> {
          told.incrementAndGet();
          throw new IllegalStateException("as a bad reply does");
        });
    Await.until("it is told", () -> told.get() == 1);
    watchdog.watch(SOON, told::incrementAndGet);
    Await.until("the next one is told", () -> told.get() == 2);
  }

  @Test
  void itSleepsWhenThereIsNothingToWatchAndIsWokenByTheNextRun() throws Exception {
    watchdog.watch(NEVER, told::incrementAndGet).leave();
    Await.until("it sleeps", watchdog::isAsleep);
    watchdog.watch(SOON, told::incrementAndGet);
    Await.until("it is told", () -> told.get() == 1);
  }
}
