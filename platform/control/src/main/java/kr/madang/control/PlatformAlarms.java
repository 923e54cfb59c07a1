package kr.madang.control;

import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import kr.madang.control.AlarmBook.Subject;
import kr.madang.control.PipelineUnit.Facts;
import kr.madang.engine.Ledger;
import kr.madang.host.InstalledPlugin;
import kr.madang.host.ModelStore;
import kr.madang.host.PluginHost;
import kr.madang.host.PluginState;
import kr.madang.host.StoredModel;
import kr.madang.journal.Journals;

/**
 * Raises and clears what the platform itself has to say. Most causes pass and are cleared by
 * themselves; a loss does not pass, so that its alarm stays until somebody acknowledges it. Called
 * by one thread at a time.
 */
final class PlatformAlarms {
  static final String DAMAGED = "journal.damaged";
  static final String GAP = "pipeline.gap.";

  /** What a look away from a passing trouble costs nobody. */
  private static final long PATIENCE = Duration.ofSeconds(10).toNanos();

  /** Between two looks at a ledger that agree on nothing: each row is on its way for a while. */
  private static final long SECOND_LOOK = Duration.ofMillis(500).toNanos();

  private final AlarmBook book;
  private final PluginHost host;
  private final Journals journals;
  private final ModelStore models;
  private final InstantSource clock;
  private final LongSupplier ticks;
  private final Supplier<List<DriftAlarms.Trouble>> drifts;
  private final boolean safe;
  private final Map<Subject, String> active = new HashMap<>();
  private final Map<Subject, Long> troubled = new HashMap<>();

  PlatformAlarms(
      AlarmBook book,
      PluginHost host,
      Journals journals,
      ModelStore models,
      InstantSource clock,
      LongSupplier ticks,
      Supplier<List<DriftAlarms.Trouble>> drifts,
      boolean safe) {
    this.book = book;
    this.host = host;
    this.journals = journals;
    this.models = models;
    this.clock = clock;
    this.ticks = ticks;
    this.drifts = drifts;
    this.safe = safe;
  }

  /** Whether an alarm tells of a loss, which does not pass: acknowledging it ends it. */
  static boolean isLoss(String cause) {
    return cause.equals(DAMAGED) || cause.startsWith(GAP);
  }

  /** Takes over what was active before a restart, and the losses that people know of. */
  void load() {
    for (Alarm alarm : book.platform()) {
      if (Rollouts.CAUSES.contains(alarm.cause())) {
        continue;
      }
      if (alarm.active() || isLoss(alarm.cause())) {
        active.put(
            new Subject(alarm.workspace(), alarm.pipeline(), alarm.stage(), alarm.cause()),
            alarm.message());
      }
    }
  }

  /** Looks at everything once. */
  void look(List<Facts> pipelines) {
    Look look = new Look();
    pipelines.forEach(look::pipeline);
    look.plugins();
    look.models();
    look.journals();
    drifts.get().forEach(one -> look.raise(one.subject(), "medium", one.message()));
    if (safe) {
      look.raise(new Subject("", "", "", "platform.safeMode"), "medium", SafeMode.REASON);
    }
    look.end();
  }

  /** Writes what waits in the book. */
  void write() {
    book.write();
  }

  /** One look. */
  private final class Look {
    private final Set<Subject> now = new HashSet<>();
    private final Set<Subject> seen = new HashSet<>();
    private final Set<String> present = new HashSet<>();
    private final long tick = ticks.getAsLong();

    void pipeline(Facts facts) {
      PipelineView view = facts.view();
      present.add(view.workspace() + "/" + view.name());
      switch (view.state()) {
        case FAILED -> failed(view, "pipeline.failed");
        case REFUSED -> failed(view, "pipeline.refused");
        case PARKED -> {
          if (!safe) {
            raise(subject(view, "pipeline.parked"), "medium", view.reason());
          }
        }
        case STARTING -> {
          keep(view);
          troubled(view);
        }
        case DEGRADED -> troubled(view);
        default -> {}
      }
      ledger(view, facts.ledger());
      gaps(view, facts.ledger());
    }

    private void failed(PipelineView view, String cause) {
      if (view.crashLooping()) {
        raise(
            subject(view, "pipeline.crashLooping"),
            "high",
            "failed again and again within ten minutes, the last time because "
                + view.reason()
                + view.nextTry().map(at -> "; next try at " + at).orElse(""));
      } else {
        raise(subject(view, cause), "high", view.reason());
      }
    }

    /** A start that goes on neither raises nor clears: it may fail again. */
    private void keep(PipelineView view) {
      for (Subject subject : active.keySet()) {
        if (subject.workspace().equals(view.workspace())
            && subject.pipeline().equals(view.name())
            && subject.cause().startsWith("pipeline.")
            && !subject.cause().equals("pipeline.degraded")) {
          now.add(subject);
        }
      }
    }

    private void troubled(PipelineView view) {
      Subject subject = subject(view, "pipeline.degraded");
      if (!view.reason().isEmpty() && lasts(subject, PATIENCE)) {
        raise(subject, "medium", view.reason());
      }
    }

    private void ledger(PipelineView view, Ledger ledger) {
      Subject subject = subject(view, "pipeline.ledger");
      if (!ledger.balanced() && lasts(subject, SECOND_LOOK)) {
        raise(subject, "critical", Accounts.whatIsWrong(ledger));
      }
    }

    private void gaps(PipelineView view, Ledger ledger) {
      Accounts.gaps(ledger, view.durability().equals("journal"))
          .forEach(
              (cause, told) -> raise(subject(view, GAP + cause), Accounts.severity(cause), told));
    }

    void plugins() {
      for (InstalledPlugin plugin : host.list()) {
        if (plugin.state() == PluginState.FAILED) {
          raise(
              new Subject("", "", plugin.ref().toString(), "plugin.failed"),
              "high",
              plugin.reason());
        }
      }
    }

    void models() {
      for (StoredModel model : models.list()) {
        if (!model.damage().isEmpty()) {
          raise(
              new Subject("", "", model.name() + "@" + model.version(), "model.damaged"),
              "high",
              model.damage() + "; upload it again, or delete it");
        }
      }
    }

    void journals() {
      for (String workspace : journals.workspaces()) {
        journals
            .opened(workspace)
            .ifPresent(journal -> JournalAlarms.of(workspace, journal.status(), this::raise));
      }
    }

    /** Whether something has been so since a while. */
    private boolean lasts(Subject subject, long nanos) {
      seen.add(subject);
      return tick - troubled.computeIfAbsent(subject, _ -> tick) >= nanos;
    }

    void raise(Subject subject, String severity, String message) {
      now.add(subject);
      if (!message.equals(active.put(subject, message))) {
        book.raise(subject, severity, message, clock.instant());
      }
    }

    void end() {
      troubled.keySet().retainAll(seen);
      active
          .keySet()
          .removeIf(subject -> {
            if (now.contains(subject) || isLoss(subject.cause()) && exists(subject)) {
              return false;
            }
            book.clear(subject, clock.instant());
            return true;
          });
    }

    private boolean exists(Subject subject) {
      return subject.pipeline().isEmpty()
          || present.contains(subject.workspace() + "/" + subject.pipeline());
    }
  }

  private static Subject subject(PipelineView view, String cause) {
    return new Subject(view.workspace(), view.name(), "", cause);
  }
}
