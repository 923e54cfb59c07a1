package kr.madang.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import kr.madang.journal.disk.DiskFile;
import org.jspecify.annotations.Nullable;

/** The segment that is written. Used by the journal's thread. */
final class Head {
  private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(256 << 10).asReadOnlyBuffer();

  final Segment segment;
  final long target;
  private final DiskFile file;
  private final Set<Integer> schemas = new HashSet<>();
  private final Set<Integer> streams = new HashSet<>();
  private final Map<Integer, Long> nexts = new HashMap<>();
  private long marks;
  private OwnRecords.@Nullable Mark mark;
  private long markedAt;

  Head(Segment segment, DiskFile file, long target) {
    this.segment = segment;
    this.file = file;
    this.target = target;
  }

  long position() {
    return segment.end;
  }

  boolean fits(long bytes) {
    return segment.end == Layout.FIRST || segment.end + bytes <= target;
  }

  boolean hasSchema(int schema) {
    return schemas.contains(schema);
  }

  boolean hasStream(int stream) {
    return streams.contains(stream);
  }

  /** Whether something is safe that no mark says so of. */
  boolean unmarked() {
    return !nexts.isEmpty();
  }

  /** Says that everything so far is safe; the same until more is. */
  void mark(Commit commit, long now) {
    OwnRecords.Mark told = mark;
    if (told == null) {
      told = new OwnRecords.Mark(++marks, segment.end, Map.copyOf(nexts));
      mark = told;
      markedAt = now;
    }
    commit.mark(told, markedAt);
  }

  /**
   * Writes the mark of the last commit ahead of the next one, without a force: it is there for who
   * opens the journal after this process was killed.
   */
  void markAhead(Commit commit, long now) throws IOException {
    mark(commit, now);
    if (commit.end() <= segment.size) {
      file.write(commit.parts(), commit.start());
    }
  }

  /** How long the file gets by a commit: small ones are given room for those that follow. */
  long sizeFor(long end, boolean ahead) {
    if (end <= segment.size) {
      return segment.size;
    }
    long bytes = end - segment.end;
    if (!ahead || bytes >= ZEROS.capacity()) {
      return end;
    }
    long chunk = Math.clamp(target / 4, 4 << 10, 1 << 20);
    return Math.max(end, Math.min(Math.max(target, end), segment.end + chunk));
  }

  /** Writes and forces; then all of it is safe. */
  void write(Commit commit, long size) throws IOException {
    for (long left = size - Math.max(commit.end(), segment.size); left > 0; ) {
      int part = (int) Math.min(left, ZEROS.capacity());
      commit.zeros(ZEROS.slice(0, part));
      left -= part;
    }
    file.write(commit.parts(), commit.start());
    segment.size = Math.max(size, segment.size);
    segment.allocated = segment.size;
    file.force();
  }

  /** What was written is safe. */
  void written(Commit commit) {
    schemas.addAll(commit.schemas());
    streams.addAll(commit.streams());
    mark = null;
    nexts.clear();
    nexts.putAll(commit.nexts());
  }

  void close() {
    try {
      file.close();
    } catch (IOException e) {
      // all that counts is forced
    }
  }
}
