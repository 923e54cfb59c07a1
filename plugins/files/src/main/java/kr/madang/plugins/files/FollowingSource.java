package kr.madang.plugins.files;

import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.source.SourceContext;
import org.apache.arrow.memory.OutOfMemoryException;
import org.jspecify.annotations.Nullable;

/**
 * Reads what there is and goes on with what comes: rows at the end of CSV files, new files,
 * replaced files. It looks by listing, which works on network drives too. The file read last stays
 * open, so that its rest can be read after it was renamed or deleted.
 */
final class FollowingSource implements LogSource {
  private final SourceConfig config;
  private final FileList list;
  private final Bookmark bookmark;
  private final Opener opener;
  private final SourceContext context;
  private final CountDownLatch never = new CountDownLatch(1);
  private final Set<String> told = new HashSet<>();

  private @Nullable OpenFile open;
  private @Nullable FoundFile current;

  /** Whether the open file will not grow any more. */
  private boolean whole;

  /** Whether the open file was read to its end; then a look comes before it is read on. */
  private boolean atRest;

  private List<FoundFile> listed = List.of();
  private int next;
  private boolean looked;
  private long lastLook;

  FollowingSource(
      SourceConfig config, FileList list, Bookmark bookmark, Opener opener, SourceContext context) {
    this.config = config;
    this.list = list;
    this.bookmark = bookmark;
    this.opener = opener;
    this.context = context;
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
    long end = System.nanoTime() + atMost.toNanos();
    while (true) {
      OpenFile reading = open;
      if (reading != null && !atRest) {
        Batch batch = read(reading);
        if (batch != null) {
          return new Poll.Rows(batch, bookmark.position(reading.progress()));
        }
        if (System.nanoTime() >= end) {
          return new Poll.Idle();
        }
        continue;
      }
      if (next < listed.size()) {
        if (beginNext()) {
          continue;
        }
      }
      long wait = lastLook + config.every().toNanos() - System.nanoTime();
      if (!looked || wait <= 0) {
        looked = true;
        lastLook = System.nanoTime();
        if (look()) {
          continue;
        }
        wait = config.every().toNanos();
      }
      long left = end - System.nanoTime();
      if (left <= 0) {
        return new Poll.Idle();
      }
      boolean _ = never.await(Math.min(wait, left), TimeUnit.NANOSECONDS);
    }
  }

  private @Nullable Batch read(OpenFile reading) throws Exception {
    FoundFile file = current;
    try {
      Batch batch = reading.next(whole);
      if (batch == null && reading.atEnd()) {
        ended(reading);
      }
      return batch;
    } catch (IOException | RuntimeException e) {
      if (file == null || Failures.interrupted(e)) {
        throw e;
      }
      failed(file, reading.progress(), e, true);
      return null;
    }
  }

  private void ended(OpenFile reading) throws IOException {
    atRest = true;
    Progress progress = reading.progress();
    boolean rest = reading instanceof CsvFile csv && csv.unfinished() > 0;
    progress.done = !rest;
    progress.doneSize =
        reading instanceof CsvFile || current == null ? progress.offset : current.size();
    if (whole || !(reading instanceof CsvFile)) {
      leave();
    }
  }

  private void leave() throws IOException {
    OpenFile left = open;
    open = null;
    current = null;
    whole = false;
    atRest = false;
    if (left != null) {
      left.close();
    }
  }

  /** Looks for something to read; true if there is. */
  private boolean look() throws Exception {
    List<FoundFile> files = list.list();
    if (files.isEmpty() && told.add("")) {
      context.logger().info("{}: nothing there yet; waiting", config.path());
    }
    long now = System.nanoTime();
    Set<Long> inodes = new HashSet<>();
    FoundFile same = null;
    for (FoundFile file : files) {
      inodes.add(file.inode());
      Progress progress = bookmark.find(file.inode());
      if (progress != null) {
        progress.name = file.name();
        long _ = progress.resting(file.size(), file.modified(), now);
      }
      if (open != null && file.inode() == open.progress().inode) {
        same = file;
      }
    }
    if (open != null) {
      inodes.add(open.progress().inode);
    }
    bookmark.retain(inodes);
    if (open != null) {
      if (same == null) {
        whole = true; // renamed or deleted: its rest comes first
        atRest = false;
        return true;
      }
      if (open instanceof CsvFile csv && csv.replaced()) {
        Progress progress = csv.progress();
        context.logger().warn("{}: was truncated; it is read from its beginning", same.path());
        leave();
        progress.restart();
      }
    }
    listed = files;
    next = 0;
    return beginNext();
  }

  /** Opens the next file of the last listing that has something to read. */
  private boolean beginNext() throws Exception {
    boolean single = list.isSingle();
    while (next < listed.size()) {
      if (begin(listed.get(next++), single, System.nanoTime())) {
        return true;
      }
    }
    return false;
  }

  private boolean begin(FoundFile file, boolean single, long now) throws Exception {
    if (open != null && file.inode() == open.progress().inode) {
      OpenFile reading = open;
      boolean rest = reading instanceof CsvFile csv && csv.unfinished() > 0;
      if (rest && !single && rested(reading.progress(), file, now)) {
        whole = true;
        atRest = false;
        return true;
      }
      atRest = reading.atEnd();
      return !atRest;
    }
    Progress progress = bookmark.find(file.inode());
    if (progress == null) {
      if (bookmark.covers(file.name())) {
        if (told.add(file.name())) {
          context
              .logger()
              .warn("{}: is skipped; files up to its name were read before", file.path());
        }
        return false;
      }
      progress = bookmark.begin(file.inode());
      progress.name = file.name();
    }
    boolean rested = rested(progress, file, now);
    if (progress.done ? progress.doneSize == file.size() : progress.tried(file, rested)) {
      return false;
    }
    return open(file, progress, rested && !single);
  }

  private boolean rested(Progress progress, FoundFile file, long now) {
    return progress.resting(file.size(), file.modified(), now) >= config.settle().toNanos();
  }

  private boolean open(FoundFile file, Progress progress, boolean rested) throws Exception {
    leave();
    progress.done = false;
    progress.attempt(file, rested);
    try {
      FileFormat format = opener.format(file);
      if (format == FileFormat.ARROW
          && !rested(progress, file, System.nanoTime())
          && ArrowBlocks.isStream(file.path())) {
        return false; // it has no footer that would tell that it is whole
      }
      OpenFile opened = opener.open(file, progress, rested);
      if (opened == null) {
        return false;
      }
      open = opened;
      current = file;
      whole = rested && opened instanceof CsvFile;
      return true;
    } catch (IOException | RuntimeException e) {
      if (Failures.interrupted(e)) {
        throw e;
      }
      failed(file, progress, e, rested(progress, file, System.nanoTime()));
      return false;
    }
  }

  /** A file that cannot be read is put aside, once it is clear that nobody is writing it. */
  private void failed(FoundFile file, Progress progress, Exception e, boolean settled)
      throws Exception {
    leave();
    if (e instanceof OutOfMemoryException) {
      throw Failures.unreadable(file.path(), opener.format(file), e);
    }
    if (!settled) {
      return;
    }
    String why =
        String.valueOf(Failures.unreadable(file.path(), opener.format(file), e).getMessage());
    context.logger().warn("{}", why);
    context.reject(file.path().toString(), why);
    progress.done = true;
    progress.doneSize = file.size();
  }

  @Override
  public void close() throws Exception {
    try (Opener _ = opener) {
      leave();
    }
  }
}
