package kr.madang.control;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a pipeline keeps from going away: leases of plugins, models. Any thread; closing twice is
 * fine.
 */
final class Holds implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Holds.class);

  private final Deque<AutoCloseable> held = new ArrayDeque<>();

  synchronized void add(AutoCloseable hold) {
    held.push(hold);
  }

  @Override
  public synchronized void close() {
    while (!held.isEmpty()) {
      try {
        held.pop().close();
      } catch (Exception e) {
        LOG.error("something could not be given back: {}", e, e);
      }
    }
  }
}
