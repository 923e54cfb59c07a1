package kr.madang.plugins.mqtt;

import java.util.ArrayList;
import java.util.List;
import kr.madang.sdk.source.SampleEmitter;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.source.SubscribedSource;

/**
 * The running source: takes many messages at once, turns them into rows, emits these as one, and
 * acknowledges a message when its rows are accepted. A message that does not fit is rejected and
 * acknowledged at once, so that it never blocks those behind it.
 */
final class Subscribed implements SubscribedSource {
  private static final int MOST = 16_384;
  private static final long MOST_BYTES = 64L << 20;
  private static final int AT_ONCE = 2_048;
  private static final int ROWS_AT_ONCE = 8_192;
  private static final long QUIET_MILLIS = 200;
  private static final long BACKLOG_NANOS = 10_000_000_000L;

  private final SourceContext context;
  private final Transport transport;
  private final Inbox inbox;
  private final Receipts receipts = new Receipts();
  private final Tags tags;
  private final Reader reader;
  private final Readings readings = new Readings();
  private final List<Message> settled = new ArrayList<>();
  private long token;
  private boolean backlog;
  private volatile boolean paused;

  Subscribed(SourceContext context, Transport transport, Inbox inbox, Tags tags, Reader reader) {
    this.context = context;
    this.transport = transport;
    this.inbox = inbox;
    this.tags = tags;
    this.reader = reader;
    backlog = transport.sessionPresent();
  }

  static Inbox inbox(int maxPayload) {
    return new Inbox(MOST, Math.max(MOST_BYTES, 2L * maxPayload));
  }

  @Override
  public void run(SampleEmitter out) throws InterruptedException {
    List<Wanted> wanted = reader.wanted();
    List<Integer> granted = transport.subscribe(wanted);
    for (int i = 0; i < wanted.size(); i++) {
      if (granted.get(i) < wanted.get(i).qos()) {
        context
            .logger()
            .warn(
                "{} grants QoS {} instead of {} for '{}'",
                transport.target(),
                granted.get(i),
                wanted.get(i).qos(),
                wanted.get(i).filter());
      }
    }
    reader.subscribed(transport);
    long began = System.nanoTime();
    List<Message> messages = new ArrayList<>();
    while (!out.stopping()) {
      inbox.take(messages, AT_ONCE, QUIET_MILLIS);
      if (messages.isEmpty()) {
        transport.check();
        backlog = false;
      } else {
        emit(messages, out);
        messages.clear();
        backlog &= System.nanoTime() - began < BACKLOG_NANOS;
      }
      if (reader.tick(System.nanoTime(), readings)) {
        token++;
        flush(out);
      }
    }
  }

  private void emit(List<Message> messages, SampleEmitter out) throws InterruptedException {
    int first = 0;
    for (int i = 0; i < messages.size(); i++) {
      Message message = messages.get(i);
      token++;
      int before = readings.rows();
      read(message);
      if (message.qos() > 0) {
        if (readings.rows() > before) {
          receipts.expect(token, message);
          if (!paused && receipts.bytes() > MOST_BYTES) {
            paused = true;
            transport.reading(false);
          }
        } else {
          settled.add(message);
        }
      }
      if (readings.rows() >= ROWS_AT_ONCE) {
        flush(out);
        first = i + 1;
      }
    }
    if (first < messages.size()) {
      flush(out);
    }
  }

  private void flush(SampleEmitter out) throws InterruptedException {
    if (readings.rows() > 0) {
      out.emit(token, writer -> readings.write(writer, tags));
      readings.cut(0);
    }
    if (!settled.isEmpty()) {
      transport.acknowledge(List.copyOf(settled));
      settled.clear();
    }
  }

  private void read(Message message) {
    int before = readings.rows();
    try {
      reader.read(message, readings);
      if (message.retained() || backlog) {
        readings.mayBeOld(before);
      }
    } catch (Misfit misfit) {
      readings.cut(before);
      context.reject(
          Shown.payload(message.payload()), Shown.text(message.topic()) + ": " + misfit.why());
    }
  }

  @Override
  public void accepted(long accepted) {
    transport.acknowledge(receipts.accepted(accepted));
    if (paused && receipts.bytes() < MOST_BYTES / 2) {
      paused = false;
      transport.reading(true);
    }
  }

  @Override
  public void close() {
    inbox.close();
    reader.leave(transport);
    transport.close();
  }
}
