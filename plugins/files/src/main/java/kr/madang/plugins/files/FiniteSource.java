package kr.madang.plugins.files;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.source.SourceContext;
import org.jspecify.annotations.Nullable;

/** Reads the files that exist when it is opened, each to its end. */
final class FiniteSource implements LogSource {
  private final List<FoundFile> files;
  private final Bookmark bookmark;
  private final Opener opener;
  private final SourceContext context;
  private int next;
  private @Nullable OpenFile open;
  private @Nullable FoundFile current;

  FiniteSource(List<FoundFile> files, Bookmark bookmark, Opener opener, SourceContext context) {
    this.files = files;
    this.bookmark = bookmark;
    this.opener = opener;
    this.context = context;
    Set<Long> inodes = new HashSet<>();
    for (FoundFile file : files) {
      inodes.add(file.inode());
      Progress known = bookmark.find(file.inode());
      if (known != null) {
        known.name = file.name();
      }
    }
    bookmark.retain(inodes);
  }

  @Override
  public Poll poll(Duration atMost) throws Exception {
    try {
      return advance(atMost);
    } catch (IOException | RuntimeException e) {
      throw Failures.interrupted(e) ? Failures.interrupt(e) : e;
    }
  }

  private Poll advance(Duration atMost) throws Exception {
    long start = System.nanoTime();
    while (true) {
      FoundFile file = current;
      if (file == null) {
        if (next == files.size()) {
          return new Poll.Done();
        }
        file = files.get(next++);
        current = file;
      }
      try {
        OpenFile reading = open;
        if (reading == null) {
          reading = begin(file);
          open = reading;
        }
        if (reading == null) {
          current = null;
          continue;
        }
        Batch batch = reading.next(true);
        if (batch != null) {
          return new Poll.Rows(batch, bookmark.position(reading.progress()));
        }
        if (reading.atEnd()) {
          Progress progress = reading.progress();
          progress.done = true;
          progress.doneSize = file.size();
          reading.close();
          open = null;
          current = null;
          continue;
        }
      } catch (IOException | RuntimeException e) {
        if (Failures.interrupted(e)) {
          throw e;
        }
        throw Failures.unreadable(file.path(), opener.format(file), e);
      }
      if (System.nanoTime() - start > atMost.toNanos()) {
        return new Poll.Idle();
      }
    }
  }

  private @Nullable OpenFile begin(FoundFile file) throws IOException {
    Progress progress = bookmark.find(file.inode());
    if (progress == null) {
      if (bookmark.covers(file.name())) {
        context.logger().warn("{}: is skipped; files up to its name were read before", file.path());
        return null;
      }
      progress = bookmark.begin(file.inode());
      progress.name = file.name();
    }
    if (progress.done && progress.doneSize == file.size()) {
      return null;
    }
    progress.done = false;
    return opener.open(file, progress, true);
  }

  @Override
  public void close() throws Exception {
    try (Opener _ = opener) {
      if (open != null) {
        open.close();
      }
    }
  }
}
