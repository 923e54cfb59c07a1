package kr.madang.engine;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.engine.DeadLetter.State;
import kr.madang.journal.Appended;
import kr.madang.journal.Entry;
import kr.madang.journal.Journal;
import kr.madang.journal.JournalStream;
import kr.madang.journal.Logged;
import kr.madang.journal.Reader;
import kr.madang.journal.StreamOptions;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/**
 * The dead letters of one pipeline, whether it runs or not. Bounded: the oldest go when there are
 * too many. Any thread; may block on the disk.
 */
public final class DeadLetters {
  private static final Duration ROOM = Duration.ofSeconds(5);

  private final Streams streams;
  private final BufferAllocator allocator;

  /** What was done about a letter. */
  private record Resolution(State state, Instant when) {}

  DeadLetters(Streams streams, BufferAllocator allocator) {
    this.streams = streams;
    this.allocator = allocator;
  }

  /**
   * The latest, newest last.
   *
   * @param stage only those of a stage; empty for all
   * @param state only those in a state; empty for all
   */
  public List<DeadLetter> list(Optional<String> stage, Optional<State> state, int atMost) {
    Map<String, Resolution> resolutions = resolutions();
    List<DeadLetter> all = new ArrayList<>();
    for (String each : streams.stagesWithLetters()) {
      if (stage.isEmpty() || stage.get().equals(each)) {
        all.addAll(latest(each, resolutions, state, atMost));
      }
    }
    all.sort(Comparator.comparing(DeadLetter::time));
    return List.copyOf(all.subList(Math.max(0, all.size() - atMost), all.size()));
  }

  private List<DeadLetter> latest(
      String stage, Map<String, Resolution> resolutions, Optional<State> state, int atMost) {
    ArrayDeque<DeadLetter> latest = new ArrayDeque<>();
    try (Reader reader = reader(streams.rejected(stage), 0)) {
      for (Logged next = next(reader); next != null; next = next(reader)) {
        DeadLetter letter = letter(stage, next, resolutions);
        if (letter != null && (state.isEmpty() || state.get() == letter.state())) {
          latest.add(letter);
          if (latest.size() > atMost) {
            latest.remove();
          }
        }
      }
    }
    return List.copyOf(latest);
  }

  /** One of them. */
  public Optional<DeadLetter> find(String id) {
    Map<String, Resolution> resolutions = resolutions();
    return at(id)
        .flatMap(found -> {
          try (Reader reader = reader(found.stream, found.number)) {
            Logged next = next(reader);
            return next == null || next.sequence() != found.number
                ? Optional.empty()
                : Optional.ofNullable(letter(found.stage, next, resolutions));
          }
        });
  }

  /** Its rows, the caller's to close; empty if only their text was kept. */
  public Optional<Batch> rows(String id, BufferAllocator into) {
    return at(id)
        .flatMap(found -> {
          try (Reader reader =
              streams.journal().read(Map.of(found.stream.name(), found.number), into)) {
            return next(reader) instanceof Logged.Rows rows && rows.sequence() == found.number
                ? Optional.of(rows.batch())
                : Optional.empty();
          }
        });
  }

  /**
   * Puts rows back before the stage that could not take them (behind the source, for those of a
   * source), durably; they are worked on when the pipeline runs.
   *
   * @param corrected rows to put in instead, of the same schema; borrowed; null for the rows as
   *     they were
   * @throws kr.madang.sdk.error.PluginException NOT_FOUND for an unknown id, CONFIG_INVALID if it
   *     is not open, cannot be replayed, or the rows do not fit
   */
  public void replay(String id, @Nullable Batch corrected) {
    DeadLetter letter = open(id);
    try (Batch kept = rows(id, allocator).orElse(null)) {
      Batch rows = corrected == null ? kept : corrected;
      if (rows == null) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID,
            "only the text of dead letter " + id + " was kept: give corrected rows, or discard it");
      }
      if (kept != null && !kept.schema().equals(rows.schema())) {
        throw new PluginException(
            ErrorCode.SCHEMA_MISFIT,
            "the corrected rows of %s have other columns: expected %s, got %s"
                .formatted(id, kept.schema(), rows.schema()));
      }
      JournalStream again = streams.again(StreamOptions.DEFAULT);
      byte[] target = letter.stage().getBytes(StandardCharsets.UTF_8);
      synchronized (streams.journal()) {
        append(List.of(Entry.rows(again, rows, target), resolution(id, State.REPLAYED)));
      }
    }
  }

  /** Lets one be; it stays until there are too many. NOT_FOUND for an unknown id. */
  public void discard(String id) {
    open(id);
    synchronized (streams.journal()) {
      append(List.of(resolution(id, State.DISCARDED)));
    }
  }

  private DeadLetter open(String id) {
    DeadLetter letter =
        find(id)
            .orElseThrow(() ->
                new PluginException(ErrorCode.NOT_FOUND, "there is no dead letter '" + id + "'"));
    if (letter.state() != State.OPEN) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "dead letter " + id + " is " + letter.state() + ", not OPEN: nothing is left to do");
    }
    return letter;
  }

  private Entry resolution(String id, State state) {
    return Entry.note(
        streams.resolutions(), (state.name() + " " + id).getBytes(StandardCharsets.UTF_8));
  }

  private void append(List<Entry> unit) {
    Journal journal = streams.journal();
    Appended done = journal.append(unit, ROOM);
    try {
      if (done.outcome() != Appended.Outcome.TAKEN || !journal.awaitForced(done.order(), ROOM)) {
        throw new PluginException(
            ErrorCode.EXHAUSTED, "the journal takes nothing: " + journal.status().reason());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PluginException(ErrorCode.TIMEOUT, "interrupted", e);
    }
  }

  private Map<String, Resolution> resolutions() {
    Map<String, Resolution> resolutions = new HashMap<>();
    try (Reader reader = reader(streams.resolutions(), 0)) {
      for (Logged next = next(reader); next != null; next = next(reader)) {
        if (next instanceof Logged.Note note) {
          String[] words = new String(note.meta(), StandardCharsets.UTF_8).split(" ", 2);
          resolutions.put(
              words[1],
              new Resolution(State.valueOf(words[0]), Instant.ofEpochSecond(0, note.time())));
        }
      }
    }
    return resolutions;
  }

  private record Place(String stage, JournalStream stream, long number) {}

  private Optional<Place> at(String id) {
    int colon = id.lastIndexOf(':');
    if (colon < 1 || !streams.stagesWithLetters().contains(id.substring(0, colon))) {
      return Optional.empty();
    }
    String stage = id.substring(0, colon);
    try {
      long number = Long.parseLong(id.substring(colon + 1));
      JournalStream stream = streams.rejected(stage);
      return number < 0 || number >= stream.forced()
          ? Optional.empty()
          : Optional.of(new Place(stage, stream, number));
    } catch (NumberFormatException _) {
      return Optional.empty();
    }
  }

  private @Nullable DeadLetter letter(
      String stage, Logged logged, Map<String, Resolution> resolutions) {
    byte[] meta;
    int rows;
    boolean replayable;
    switch (logged) {
      case Logged.Rows kept -> {
        meta = kept.meta();
        rows = kept.batch().rows();
        replayable = true;
        kept.batch().close();
      }
      case Logged.Note note -> {
        meta = note.meta();
        rows = note.rows();
        replayable = false;
      }
      case Logged.Gap _ -> {
        return null;
      }
    }
    Letter letter = Letter.decode(meta);
    String id = stage + ":" + logged.sequence();
    Resolution resolution = resolutions.get(id);
    return new DeadLetter(
        id,
        stage,
        letter.time(),
        letter.code(),
        letter.why(),
        letter.attempts(),
        rows,
        letter.stream(),
        letter.epoch(),
        letter.sequence(),
        letter.text(),
        replayable,
        resolution == null ? State.OPEN : resolution.state,
        Optional.ofNullable(resolution).map(Resolution::when));
  }

  private Reader reader(JournalStream stream, long from) {
    return streams.journal().read(Map.of(stream.name(), from), allocator);
  }

  /** Null at the end of what is forced. */
  private static @Nullable Logged next(Reader reader) {
    try {
      return reader.poll(Duration.ZERO);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    }
  }
}
