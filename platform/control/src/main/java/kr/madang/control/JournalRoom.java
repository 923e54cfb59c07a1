package kr.madang.control;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import kr.madang.journal.Journal;
import kr.madang.journal.JournalStatus;
import kr.madang.journal.JournalStream;
import kr.madang.journal.Journals;
import kr.madang.journal.StreamStatus;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.memory.BufferAllocator;

/** What the journals tell of themselves and of pipelines. Any thread. */
final class JournalRoom {
  private final Journals journals;
  private final BufferAllocator allocator;

  JournalRoom(Journals journals, BufferAllocator allocator) {
    this.journals = journals;
    this.allocator = allocator;
  }

  /** The rows of a stage, from one on to the last that is safe by now. */
  Recorded recorded(String workspace, String pipeline, String stage, long from) {
    Journal journal = journals.of(workspace);
    JournalStream stream =
        journal
            .find(pipeline + "/" + stage)
            .orElseThrow(() ->
                new PluginException(
                    ErrorCode.NOT_FOUND,
                    "nothing is recorded of stage '%s' of pipeline '%s': sources and sinks of a"
                            .formatted(stage, pipeline)
                        + " pipeline with durability: journal are"));
    return new Recorded(journal, stream, from, allocator);
  }

  /** The journal of a workspace; one that nobody has needed yet is not opened for a look. */
  JournalView view(String workspace) {
    Optional<Journal> journal = journals.opened(workspace);
    if (journal.isEmpty()) {
      return new JournalView(workspace, "unused", "", 0, 0, 0, 0, 0, List.of(), List.of());
    }
    JournalStatus status = journal.get().status();
    return new JournalView(
        workspace,
        status.state().name().toLowerCase(Locale.ROOT),
        status.reason(),
        status.bytes(),
        status.segments(),
        status.commits(),
        status.forceNanos(),
        status.damaged(),
        status.damage().stream()
            .map(one -> new JournalView.Broken(one.when(), one.file(), one.offset(), one.what()))
            .toList(),
        streams(journal.get()));
  }

  /** All that are open. */
  List<JournalView> views() {
    return journals.workspaces().stream().map(this::view).toList();
  }

  /** What waits in front of the stages of each pipeline of a workspace. */
  List<JournalView.Stream> backlog(String workspace) {
    return journals.opened(workspace).map(JournalRoom::streams).orElse(List.of()).stream()
        .filter(JournalView.Stream::isBacklog)
        .toList();
  }

  private static List<JournalView.Stream> streams(Journal journal) {
    return journal.streams().stream()
        .map(JournalStream::status)
        .map(JournalRoom::stream)
        .sorted(Comparator.comparing(JournalView.Stream::name))
        .toList();
  }

  /**
   * Streams are named {@code PIPELINE/STAGE}, {@code PIPELINE/STAGE!KIND} or {@code PIPELINE!KIND}.
   */
  private static JournalView.Stream stream(StreamStatus status) {
    String name = status.name();
    int mark = name.indexOf('!');
    String place = mark < 0 ? name : name.substring(0, mark);
    int slash = place.indexOf('/');
    long backlog = Math.max(0, status.next() - Math.max(status.first(), status.released()));
    return new JournalView.Stream(
        name,
        slash < 0 ? place : place.substring(0, slash),
        slash < 0 ? "" : place.substring(slash + 1),
        mark < 0 ? "rows" : name.substring(mark + 1),
        status.epoch(),
        status.first(),
        status.next(),
        backlog,
        status.bytes(),
        status.gone(),
        backlog == 0 || status.oldest() == 0
            ? Optional.empty()
            : Optional.of(instant(status.oldest())));
  }

  private static Instant instant(long nanos) {
    return Instant.ofEpochSecond(
        Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L));
  }
}
