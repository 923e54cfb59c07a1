package kr.madang.engine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import kr.madang.journal.Journal;
import kr.madang.journal.JournalStream;
import kr.madang.journal.Logged;
import kr.madang.journal.StreamStatus;
import org.apache.arrow.memory.BufferAllocator;

/** Finds out what a journal has of the input of a pipeline. */
final class Recordings {
  private Recordings() {}

  static Recording of(Streams streams, BufferAllocator allocator) {
    List<Recording.Source> sources = new ArrayList<>();
    for (String name : sources(streams, allocator)) {
      streams
          .journal()
          .find(streams.stage(name))
          .ifPresent(stream -> sources.add(source(name, stream, streams.journal(), allocator)));
    }
    return new Recording(List.copyOf(sources));
  }

  /** The names of the sources that the pipeline had at its last checkpoint. */
  private static Set<String> sources(Streams streams, BufferAllocator allocator) {
    Set<String> names = new TreeSet<>();
    Optional<JournalStream> state = streams.journal().find(streams.pipeline() + "!state");
    if (state.isPresent()
        && streams.journal().latest(state.get(), 0, allocator).orElse(null)
            instanceof Logged.Note note) {
      names.addAll(Checkpoint.decode(note.meta(), allocator).inputs().keySet());
      names.remove("");
    }
    return names;
  }

  private static Recording.Source source(
      String name, JournalStream stream, Journal journal, BufferAllocator allocator) {
    StreamStatus status = stream.status();
    Optional<Instant> newest =
        journal
            .latest(stream, 0, allocator)
            .flatMap(logged ->
                switch (logged) {
                  case Logged.Rows rows -> {
                    rows.batch().close();
                    yield Optional.of(rows.time());
                  }
                  case Logged.Note note -> Optional.of(note.time());
                  case Logged.Gap _ -> Optional.empty();
                })
            .map(Recordings::instant);
    Optional<Instant> oldest =
        status.oldest() == 0 ? Optional.empty() : Optional.of(instant(status.oldest()));
    return new Recording.Source(
        name, status.epoch(), status.first(), status.next(), oldest, newest);
  }

  static Instant instant(long nanos) {
    return Instant.ofEpochSecond(0, nanos);
  }
}
