package kr.madang.journal.disk;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The names of a simulated disk: those that a user sees and those that are forced. */
final class SimNames {

  /**
   * A change of a name that is not forced.
   *
   * @param gone the name that goes; null if none
   * @param made the name that comes; null if none
   */
  private record Change(@Nullable Path gone, @Nullable Path made, SimNode node) {
    boolean in(Path folder) {
      Path name = made != null ? made : gone;
      return name != null && folder.equals(name.getParent());
    }

    void on(Map<Path, SimNode> names) {
      if (gone != null) {
        names.remove(gone);
      }
      if (made != null) {
        names.put(made, node);
      }
    }
  }

  private final Map<Path, SimNode> now = new TreeMap<>();
  private final Map<Path, SimNode> forced = new HashMap<>();
  private final List<Change> changes = new ArrayList<>();
  private final Set<Path> folders = new TreeSet<>();
  // content of deleted files: their blocks go to others
  private @Nullable SimNode deleted;

  boolean hasFolder(@Nullable Path folder) {
    return folder != null && (folder.getParent() == null || folders.contains(folder));
  }

  void addFolder(Path folder) {
    for (Path at = folder; at != null && at.getParent() != null; at = at.getParent()) {
      folders.add(at);
    }
  }

  @Nullable SimNode get(Path file) {
    return now.get(file);
  }

  Map<Path, SimNode> all() {
    return now;
  }

  List<String> in(Path folder) {
    Set<String> names = new TreeSet<>();
    for (Path path : now.keySet()) {
      if (folder.equals(path.getParent())) {
        names.add(String.valueOf(path.getFileName()));
      }
    }
    for (Path path : folders) {
      if (folder.equals(path.getParent())) {
        names.add(String.valueOf(path.getFileName()));
      }
    }
    return List.copyOf(names);
  }

  void create(Path file) {
    change(new Change(null, file, new SimNode()));
  }

  void rename(Path from, Path to) {
    SimNode over = now.get(to);
    change(new Change(from, to, Objects.requireNonNull(now.get(from))));
    if (over != null) {
      deleted = over;
    }
  }

  void delete(Path file) {
    SimNode node = now.get(file);
    if (node != null) {
      change(new Change(file, null, node));
      deleted = node;
    }
  }

  void force(Path folder) {
    changes.removeIf(change -> {
      boolean here = change.in(folder);
      if (here) {
        change.on(forced);
      }
      return here;
    });
  }

  /** The same, on a disk that another process uses. */
  SimNames copy() {
    SimNames copy = new SimNames();
    Map<SimNode, SimNode> copies = new IdentityHashMap<>();
    now.forEach((path, node) -> copy.now.put(path, copyOf(node, copies)));
    forced.forEach((path, node) -> copy.forced.put(path, copyOf(node, copies)));
    for (Change change : changes) {
      copy.changes.add(new Change(change.gone, change.made, copyOf(change.node, copies)));
    }
    copy.folders.addAll(folders);
    copy.deleted = deleted;
    return copy;
  }

  /**
   * What may be left after a power cut. Changes of the same file happen in their order or from one
   * on not at all; those of different files come and go by themselves, as far as the seed does not
   * make the file system one that keeps all in order.
   */
  SimNames afterPowerCut(Random random, double kept) {
    Map<Path, SimNode> left = new TreeMap<>(forced);
    boolean inOrder = random.nextInt(3) == 0;
    Set<Object> lost = new HashSet<>();
    boolean end = false;
    for (Change change : changes) {
      boolean happens =
          !end
              && random.nextDouble() < kept
              && !lost.contains(change.node)
              && (change.gone == null || !lost.contains(change.gone))
              && (change.made == null || !lost.contains(change.made));
      if (happens) {
        change.on(left);
        continue;
      }
      end = inOrder;
      lost.add(change.node);
      if (change.gone != null) {
        lost.add(change.gone);
      }
      if (change.made != null) {
        lost.add(change.made);
      }
    }
    SimNames names = new SimNames();
    names.folders.addAll(folders);
    names.deleted = deleted;
    left.forEach((path, node) -> {
      SimNode rest = node.afterPowerCut(random, kept, deleted);
      names.now.put(path, rest);
      names.forced.put(path, rest);
    });
    return names;
  }

  private void change(Change change) {
    changes.add(change);
    change.on(now);
  }

  private static SimNode copyOf(SimNode node, Map<SimNode, SimNode> copies) {
    return copies.computeIfAbsent(node, SimNode::copy);
  }
}
