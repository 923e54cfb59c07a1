package kr.madang.engine;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Connection;
import org.jspecify.annotations.Nullable;

/** Transports that several sources share. Any thread. */
final class Connections {
  private static final long PATIENCE_SECONDS = 60;

  private record Place(@Nullable ClassLoader plugin, String workspace, String key) {}

  /** Where one transport is opened at a time. */
  private static final class Slot {
    final ReentrantLock opening = new ReentrantLock();
    int interested;
    @Nullable Shared current;
  }

  private static final class Shared {
    final Connection connection;
    int users;

    Shared(Connection connection) {
      this.connection = connection;
    }
  }

  private final Map<Place, Slot> slots = new HashMap<>();

  /** What one source has; given back when it is closed. One thread at a time. */
  final class Lease {
    private final @Nullable ClassLoader plugin;
    private final String workspace;
    private final Set<Shared> mine = new HashSet<>();

    private Lease(@Nullable ClassLoader plugin, String workspace) {
      this.plugin = plugin;
      this.workspace = workspace;
    }

    <T extends Connection> T connection(String key, Callable<T> open) throws Exception {
      Place place = new Place(plugin, workspace, key);
      Slot slot = enter(place);
      try {
        if (!slot.opening.tryLock(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
          throw new PluginException(
              ErrorCode.TIMEOUT,
              "another source has been opening the connection "
                  + key
                  + " for "
                  + PATIENCE_SECONDS
                  + " s");
        }
        try {
          return taken(slot, open);
        } finally {
          slot.opening.unlock();
        }
      } finally {
        leave(place, slot);
      }
    }

    @SuppressWarnings("unchecked") // who asks with the same key opens the same kind
    private <T extends Connection> T taken(Slot slot, Callable<T> open) throws Exception {
      Shared shared;
      synchronized (slots) {
        shared = slot.current;
      }
      if (shared == null || !shared.connection.alive()) {
        shared = new Shared(open.call());
      }
      synchronized (slots) {
        slot.current = shared;
        if (mine.add(shared)) {
          shared.users++;
        }
      }
      return (T) shared.connection;
    }

    /** Gives everything back; closes what nobody else uses. */
    void end() throws Exception {
      Exception failed = null;
      for (Shared shared : mine) {
        boolean last;
        synchronized (slots) {
          last = --shared.users == 0;
          if (last) {
            slots
                .values()
                .forEach(slot -> slot.current = slot.current == shared ? null : slot.current);
            slots.values().removeIf(slot -> slot.current == null && slot.interested == 0);
          }
        }
        if (last) {
          try {
            shared.connection.close();
          } catch (Exception e) {
            failed = e;
          }
        }
      }
      mine.clear();
      if (failed != null) {
        throw failed;
      }
    }
  }

  /** For one life of a source. */
  Lease lease(@Nullable ClassLoader plugin, String workspace) {
    return new Lease(plugin, workspace);
  }

  private Slot enter(Place place) {
    synchronized (slots) {
      Slot slot = slots.computeIfAbsent(place, _ -> new Slot());
      slot.interested++;
      return slot;
    }
  }

  private void leave(Place place, Slot slot) {
    synchronized (slots) {
      if (--slot.interested == 0 && slot.current == null) {
        slots.remove(place);
      }
    }
  }
}
