package kr.madang.plugins.files;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Position;
import org.jspecify.annotations.Nullable;

/**
 * How far a set of files has been read. As a position it holds the last {@value #KEPT} files one by
 * one; of those before them, by name, only that they were read. So a file that appears later under
 * a name that lies before all of these is not read after a restart.
 */
final class Bookmark {
  static final int KEPT = 40;
  private static final String VERSION = "1";

  /** Leaves place for a name in its URL form and for the file at hand. */
  private static final int LONGEST = 3000;

  private final Map<Long, Progress> files = new LinkedHashMap<>();

  /** All files up to this name that have no progress of their own were read; empty is none. */
  private String readUpTo = "";

  private @Nullable Progress cachedFor;
  private int cachedSize;
  private String cached = "";

  static Bookmark of(@Nullable Position position) {
    Bookmark bookmark = new Bookmark();
    if (position == null) {
      return bookmark;
    }
    try {
      String[] parts = position.value().split("\\|", -1);
      if (!parts[0].equals(VERSION)) {
        throw new IllegalArgumentException("version " + parts[0]);
      }
      bookmark.readUpTo = URLDecoder.decode(parts[1], StandardCharsets.UTF_8);
      for (int i = 2; i < parts.length; i++) {
        Progress progress = Progress.decode(parts[i]);
        bookmark.files.put(progress.inode, progress);
      }
      return bookmark;
    } catch (RuntimeException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "position: expected one of this source, got '"
              + position.value()
              + "'; start the pipeline without it",
          e);
    }
  }

  /** The progress in a file, or null if it is new. */
  @Nullable Progress find(long inode) {
    return files.get(inode);
  }

  /** Whether a file without progress of its own was read before. */
  boolean covers(String name) {
    return !readUpTo.isEmpty() && name.compareTo(readUpTo) <= 0;
  }

  /** Begins to read a file. */
  Progress begin(long inode) {
    Progress progress = new Progress(inode);
    files.put(inode, progress);
    return progress;
  }

  /** Forgets a file. */
  void forget(Progress progress) {
    files.remove(progress.inode);
  }

  /** Forgets files that are no more. */
  void retain(Set<Long> inodes) {
    files.keySet().retainAll(inodes);
  }

  /** Where to resume while this file is read. */
  Position position(Progress current) {
    if (current != cachedFor || files.size() != cachedSize) {
      cachedFor = current;
      cachedSize = files.size();
      cached = others(current);
    }
    return new Position(cached + '|' + current.encode());
  }

  private String others(Progress current) {
    List<Progress> others = new ArrayList<>(files.values());
    others.remove(current);
    others.sort(Comparator.comparing(progress -> progress.name));
    int drop = others.size() - KEPT + 1;
    String upTo = readUpTo;
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < others.size(); i++) {
      Progress progress = others.get(i);
      if (i < drop && progress.done) {
        upTo = progress.name.compareTo(upTo) > 0 ? progress.name : upTo;
      } else if (text.length() < LONGEST) {
        text.append('|').append(progress.encode());
      }
    }
    return VERSION + '|' + URLEncoder.encode(upTo, StandardCharsets.UTF_8) + text;
  }
}
