package kr.madang.journal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import kr.madang.journal.SegmentIndex.CursorValue;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/**
 * The cursors of a journal. The file of each holds its newest value, which a process that is killed
 * leaves behind; each commit writes what has changed to the log, which a power cut leaves behind.
 */
final class Cursors {
  static final String FOLDER = "cursors";
  private static final int LONGEST = 200;

  private final Log log;
  private final Runnable changed;
  private final Map<String, Cursor> open = new HashMap<>();

  Cursors(Log log, Runnable changed) {
    this.log = log;
    this.changed = changed;
  }

  synchronized Cursor of(String name) {
    return open.computeIfAbsent(name, this::load);
  }

  private Cursor load(String name) {
    Path folder = log.folder.resolve(FOLDER);
    try {
      log.disk.makeFolder(folder);
      Slots slots = Slots.read(log.disk, folder.resolve(file(name)), Cursor.SLOT, log.id.seed());
      CursorValue logged;
      log.lock.lock();
      try {
        logged = log.cursors.get(name);
      } finally {
        log.lock.unlock();
      }
      if (slots.damaged() > 0) {
        log.damages.found(
            FOLDER + "/" + file(name),
            0,
            slots.damaged() + " of its two places cannot be read; the newest that can is used");
      }
      if (logged != null && logged.counter() >= slots.counter()) {
        slots.later(logged.counter(), logged.value());
      }
      return new Cursor(name, slots, logged == null ? 0 : logged.counter(), changed);
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.EXHAUSTED, "cursor " + name + " of the journal in " + log.folder + ": " + e, e);
    }
  }

  /** A name that any file system takes, another one for each cursor. */
  static String file(String name) {
    StringBuilder file = new StringBuilder();
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      boolean plain =
          b >= 'a' && b <= 'z' || b >= '0' && b <= '9' || b == '_' || b == '-' || b == '.';
      if (plain && !(b == '.' && file.isEmpty())) {
        file.append((char) b);
      } else {
        file.append('%').append(HexFormat.of().toHexDigits(b));
      }
    }
    if (file.length() > LONGEST) {
      int crc = Layout.crc(name.getBytes(StandardCharsets.UTF_8));
      String tail = HexFormat.of().toHexDigits(crc) + HexFormat.of().toHexDigits(name.hashCode());
      return file.substring(0, LONGEST) + "%." + tail;
    }
    return file.toString();
  }

  /** What the log does not have yet. */
  synchronized List<Cursor> changed() {
    List<Cursor> changed = new ArrayList<>();
    for (Cursor cursor : open.values()) {
      if (cursor.unlogged() != null) {
        changed.add(cursor);
      }
    }
    return changed;
  }

  /** Makes their files safe, if the log cannot take them. */
  void force() throws IOException {
    for (Cursor cursor : changed()) {
      cursor.force();
    }
    log.disk.forceFolder(log.folder.resolve(FOLDER));
  }

  /** Forgets one; its last counter. */
  synchronized long drop(String name) throws IOException {
    Cursor cursor = of(name);
    long counter = cursor.end();
    open.remove(name);
    log.disk.delete(log.folder.resolve(FOLDER).resolve(file(name)));
    return counter + 1;
  }

  synchronized void close() {
    open.values().forEach(Cursor::end);
    open.clear();
  }
}
