package kr.madang.control;

import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kr.madang.control.AlarmBook.Subject;
import kr.madang.host.InstalledPlugin;
import kr.madang.host.PluginHost;
import kr.madang.host.PluginState;

/** Raises and clears what the platform itself has to say. Called by one thread at a time. */
final class PlatformAlarms {
  private final AlarmBook book;
  private final PluginHost host;
  private final InstantSource clock;
  private final Map<Subject, String> active = new HashMap<>();

  PlatformAlarms(AlarmBook book, PluginHost host, InstantSource clock) {
    this.book = book;
    this.host = host;
    this.clock = clock;
  }

  /** Takes over what was active before a restart. */
  void load() {
    for (Alarm alarm : book.active()) {
      if (alarm.cause().startsWith("pipeline.") || alarm.cause().startsWith("plugin.")) {
        active.put(
            new Subject(alarm.workspace(), alarm.pipeline(), alarm.stage(), alarm.cause()),
            alarm.message());
      }
    }
  }

  void write(List<PipelineView> pipelines) {
    Set<Subject> now = new HashSet<>();
    for (PipelineView view : pipelines) {
      switch (view.state()) {
        case FAILED -> raise(now, view, "pipeline.failed", "high");
        case REFUSED -> raise(now, view, "pipeline.refused", "high");
        case PARKED -> raise(now, view, "pipeline.parked", "medium");
        case STARTING -> active.keySet().stream().filter(s -> of(s, view)).forEach(now::add);
        default -> {}
      }
    }
    for (InstalledPlugin plugin : host.list()) {
      if (plugin.state() == PluginState.FAILED) {
        raise(
            now,
            new Subject("", "", plugin.ref().toString(), "plugin.failed"),
            "high",
            plugin.reason());
      }
    }
    active
        .keySet()
        .removeIf(subject -> {
          boolean over = !now.contains(subject);
          if (over) {
            book.clear(subject, clock.instant());
          }
          return over;
        });
    book.write();
  }

  /** A start that goes on neither raises nor clears: it may fail again. */
  private static boolean of(Subject subject, PipelineView view) {
    return subject.workspace().equals(view.workspace())
        && subject.pipeline().equals(view.name())
        && subject.cause().startsWith("pipeline.");
  }

  private void raise(Set<Subject> now, PipelineView view, String cause, String severity) {
    raise(now, new Subject(view.workspace(), view.name(), "", cause), severity, view.reason());
  }

  private void raise(Set<Subject> now, Subject subject, String severity, String message) {
    now.add(subject);
    if (!message.equals(active.put(subject, message))) {
      book.raise(subject, severity, message, clock.instant());
    }
  }
}
