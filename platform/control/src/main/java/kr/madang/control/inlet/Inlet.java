package kr.madang.control.inlet;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import kr.madang.host.HostError;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Poll;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.source.SourceContext;
import org.apache.arrow.memory.OutOfMemoryException;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A source while it runs: rows go in at one end, as many as there is room for, and are told to be
 * accepted when the pipeline has them for good. Any thread.
 */
public final class Inlet {
  private static final int MOST_WRITERS = 32;
  private static final int MOST_SENDERS = 256;
  private static final int SLOWEST_MILLIS = 16;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final ArrayDeque<Offer> queued = new ArrayDeque<>();
  private final ArrayDeque<Given> given = new ArrayDeque<>();
  private final Set<Sender> senders = new HashSet<>();
  private final int capacity;
  private final Optional<Schema> frames;
  private final SourceContext context;
  private final SampleWriter samples;
  private final @Nullable FrameWriter frameWriter;
  private Standing standing;
  private @Nullable Standing accepted;
  private @Nullable Position opening;
  private int silent;
  private boolean closed;

  /** Taken, and not yet given to the pipeline. */
  private record Offer(Batch batch, Given given) {}

  /** Given to the pipeline, and not yet accepted. */
  private static final class Given {
    final Standing standing;
    final Position position;
    final long rows;
    final List<Runnable> receipts = new ArrayList<>(1);

    Given(Standing standing) {
      this.standing = standing;
      this.position = standing.position();
      this.rows = standing.rows();
    }
  }

  Inlet(int capacity, Optional<Schema> frames, SourceContext context) {
    this.capacity = capacity;
    this.frames = frames;
    this.context = context;
    this.samples = new SampleWriter(context.allocator());
    this.frameWriter =
        frames.map(schema -> new FrameWriter(context.allocator(), schema)).orElse(null);
    standing = context.position().map(Standing::of).orElse(Standing.NEW).reborn();
    if (context.position().isPresent()) {
      // What an earlier life gave may not be accepted yet. A mark behind it is, when all of it is.
      Given before = new Given(standing);
      opening = before.position;
      given.add(before);
    } else {
      accepted = standing;
    }
  }

  /** The schema of its rows if they are frames; samples have none of their own. */
  public Optional<Schema> frames() {
    return frames;
  }

  /**
   * What it has for good.
   *
   * @param rows since the source was made
   * @param keys the last key of each writer
   */
  public record Accepted(long rows, Map<String, Long> keys) {}

  /** What it has for good; empty right after a start, until that is known. */
  public Optional<Accepted> accepted() {
    lock.lock();
    try {
      return Optional.ofNullable(accepted).map(known -> new Accepted(known.rows(), known.keys()));
    } finally {
      lock.unlock();
    }
  }

  /** One who sends rows. Closing it takes nothing back. */
  public final class Sender implements AutoCloseable {
    private final String writer;
    private final Consumer<PluginException> ended;
    private boolean keyed;

    private Sender(String writer, Consumer<PluginException> ended) {
      this.writer = writer;
      this.ended = ended;
    }

    /**
     * Takes rows, or finds that they have come before; waits for room.
     *
     * @param key of these rows, which rises with each batch of this writer; negative for none
     * @return false if there is no room after this time
     * @throws PluginException for rows that cannot be taken; of them none is
     */
    public boolean put(long key, Pushed rows, Receipt receipt, Duration atMost)
        throws InterruptedException {
      return take(this, key, rows, receipt, atMost);
    }

    @Override
    public void close() {
      lock.lock();
      try {
        senders.remove(this);
      } finally {
        lock.unlock();
      }
    }
  }

  /**
   * Lets somebody send. Of those who number their batches under one name the latest has the place.
   *
   * @param writer who numbers its own batches; may be empty
   * @param ended told once when the source ends or the place is taken; must not block
   * @throws PluginException EXHAUSTED for too many
   */
  public Sender sender(String writer, Consumer<PluginException> ended) {
    Sender sender = new Sender(writer, ended);
    lock.lock();
    try {
      if (closed) {
        throw stopped();
      }
      if (senders.size() >= MOST_SENDERS) {
        throw new PluginException(
            ErrorCode.EXHAUSTED, MOST_SENDERS + " send to this source already");
      }
      senders.add(sender);
    } finally {
      lock.unlock();
    }
    return sender;
  }

  /** One whose connection broke comes anew while its old one still seems to be there. */
  private void takePlace(Sender sender) {
    sender.keyed = true;
    for (Sender other : List.copyOf(senders)) {
      if (other != sender && other.keyed && other.writer.equals(sender.writer)) {
        senders.remove(other);
        other.ended.accept(
            new PluginException(
                HostError.CONFLICT,
                "writer '%s' has come anew and sends from there".formatted(sender.writer)));
      }
    }
  }

  private static PluginException stopped() {
    return new PluginException(
        ErrorCode.EXHAUSTED,
        "the source has stopped: what was not confirmed is to be sent again when it runs");
  }

  private boolean take(Sender sender, long key, Pushed rows, Receipt receipt, Duration atMost)
      throws InterruptedException {
    String writer = sender.writer;
    long left = atMost.toNanos();
    lock.lockInterruptibly();
    try {
      while (true) {
        if (closed) {
          throw stopped();
        }
        if (!senders.contains(sender)) {
          // its place was taken, or it was closed, while it waited for room
          throw new PluginException(
              HostError.CONFLICT, "writer '%s' sends from here no more".formatted(writer));
        }
        if (key >= 0 && !sender.keyed) {
          takePlace(sender);
        }
        boolean before = standing.has(writer, key);
        if (before || rows.rows() == 0 && key < 0) {
          follow(receipt, before);
          return true;
        }
        known(writer, key);
        if (queued.size() < capacity && written(writer, key, rows, receipt)) {
          return true;
        }
        if (left <= 0) {
          return false;
        }
        left = changed.awaitNanos(left);
      }
    } finally {
      lock.unlock();
    }
  }

  private void known(String writer, long key) {
    if (key >= 0
        && !standing.keys().containsKey(writer)
        && standing.keys().size() >= MOST_WRITERS) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "writer '%s': this source knows %d writers already, which is all it can: %s"
              .formatted(writer, MOST_WRITERS, standing.keys().keySet()));
    }
  }

  /** Nothing new: it is accepted when all is that was taken before. */
  private void follow(Receipt receipt, boolean before) {
    Given last = queued.isEmpty() ? given.peekLast() : queued.getLast().given();
    if (last == null) {
      receipt.accepted(standing.rows(), before);
    } else {
      last.receipts.add(() -> receipt.accepted(last.rows, before));
    }
  }

  /** False if there is no memory before something is accepted. */
  private boolean written(String writer, long key, Pushed rows, Receipt receipt) {
    Batch batch;
    try {
      batch = batch(rows);
    } catch (OutOfMemoryException e) {
      if (queued.isEmpty() && given.isEmpty()) {
        throw new PluginException(
            ErrorCode.EXHAUSTED,
            "%d rows at once are more than the memory of the pipeline: send smaller batches"
                .formatted(rows.rows()),
            e);
      }
      return false;
    }
    standing = standing.plus(rows.rows(), writer, key);
    Given next = new Given(standing);
    next.receipts.add(() -> receipt.accepted(next.rows, false));
    queued.add(new Offer(batch, next));
    silent = 0;
    changed.signalAll();
    return true;
  }

  private Batch batch(Pushed rows) {
    FrameWriter wide = frameWriter;
    boolean done = false;
    try {
      Batch batch;
      if (wide != null) {
        rows.frames(wide);
        batch = wide.take();
      } else {
        samples.receivedAt(nanos());
        rows.samples(samples);
        batch = samples.take();
      }
      done = true;
      return batch;
    } finally {
      if (!done) {
        samples.clear();
        if (wide != null) {
          wide.close();
        }
      }
    }
  }

  private long nanos() {
    java.time.Instant now = context.clock().instant();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  Poll poll(Duration atMost) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      Position mark = opening;
      if (mark != null) {
        opening = null;
        Schema schema = frames.orElse(Samples.SCHEMA);
        return new Poll.Rows(Batch.of(VectorSchemaRoot.create(schema, context.allocator())), mark);
      }
      long left = atMost.toNanos();
      if (!given.isEmpty()) {
        // the driver tells what was accepted between two polls
        left = Math.min(left, TimeUnit.MILLISECONDS.toNanos(Math.min(SLOWEST_MILLIS, 1 << silent)));
        silent = Math.min(10, silent + 1);
      }
      while (queued.isEmpty() && left > 0) {
        left = changed.awaitNanos(left);
      }
      Offer next = queued.poll();
      if (next == null) {
        return new Poll.Idle();
      }
      given.add(next.given());
      changed.signalAll();
      return new Poll.Rows(next.batch(), next.given().position);
    } finally {
      lock.unlock();
    }
  }

  void acknowledge(Position position) {
    lock.lock();
    try {
      if (given.stream().anyMatch(one -> one.position.equals(position))) {
        Given done;
        do {
          done = given.remove();
          done.receipts.forEach(Runnable::run);
        } while (!done.position.equals(position));
        accepted = done.standing;
        silent = 0;
        changed.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  void close() {
    List<Sender> left;
    lock.lock();
    try {
      closed = true;
      queued.forEach(offer -> offer.batch().close());
      queued.clear();
      given.clear();
      samples.close();
      if (frameWriter != null) {
        frameWriter.close();
      }
      left = List.copyOf(senders);
      senders.clear();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    left.forEach(one -> one.ended.accept(stopped()));
  }
}
