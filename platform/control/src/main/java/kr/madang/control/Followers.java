package kr.madang.control;

import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import kr.madang.control.spec.Use;
import kr.madang.inference.LiveModel;
import kr.madang.inference.LoadedModel;
import kr.madang.sdk.error.PluginException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The steps of pipelines whose model is an alias, and what it stands for now. Any thread. */
final class Followers {
  private static final Logger LOG = LoggerFactory.getLogger(Followers.class);

  private final ModelRoom room;
  private final AlarmBook book;
  private final InstantSource clock;
  private final List<Follower> all = new CopyOnWriteArrayList<>();

  Followers(ModelRoom room, AlarmBook book, InstantSource clock) {
    this.room = room;
    this.book = book;
    this.clock = clock;
  }

  /** Begins to follow; takes over the hold, and ends with the closing of what it gives. */
  Follower follow(AlarmBook.Subject step, Use use, Declared declared, ModelRoom.Held held) {
    Follower follower = new Follower(step, use, declared, held);
    all.add(follower);
    // the alias may have moved since it was looked up
    follower.look();
    return follower;
  }

  /** The aliases of a model have changed. */
  void changed(String model) {
    for (Follower follower : all) {
      if (follower.use.name().equals(model)) {
        follower.look();
      }
    }
  }

  /** One step. */
  final class Follower implements AutoCloseable {
    private final AlarmBook.Subject step;
    private final Use use;
    private final LiveModel live;
    private Declared declared;
    private ModelRoom.Held held;
    private boolean closed;
    private volatile boolean alarmed;

    Follower(AlarmBook.Subject step, Use use, Declared declared, ModelRoom.Held held) {
      this.step = step;
      this.use = use;
      this.declared = declared;
      this.held = held;
      this.live = new LiveModel(held.model(), this::refused);
    }

    LiveModel live() {
      return live;
    }

    private void refused(String why) {
      alarmed = true;
      book.raise(step, "high", why, clock.instant());
    }

    synchronized void look() {
      if (closed || !(room.find(use, Optional.empty()) instanceof ModelFinder.Found.Model found)) {
        return;
      }
      Declared next = found.declared();
      if (next.key().equals(declared.key())) {
        return;
      }
      ModelRoom.Held before = held;
      try {
        ModelRoom.Held fresh = room.hold(next);
        LoadedModel model = fresh.model();
        held = fresh;
        declared = next;
        clear();
        live.become(model);
        before.close();
      } catch (PluginException e) {
        LOG.warn("{}: {}", step, e.getMessage());
        refused("%s stays as it is: %s".formatted(use.text(), e.getMessage()));
      }
    }

    @Override
    public synchronized void close() {
      closed = true;
      all.remove(this);
      held.close();
      clear();
    }

    private void clear() {
      if (alarmed) {
        alarmed = false;
        book.clear(step, clock.instant());
      }
    }
  }
}
