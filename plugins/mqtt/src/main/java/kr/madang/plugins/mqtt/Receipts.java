package kr.madang.plugins.mqtt;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/** Messages that are to be acknowledged once their rows are accepted. Any thread. */
final class Receipts {
  private record Due(long token, Message message) {}

  private final ArrayDeque<Due> due = new ArrayDeque<>();
  private long bytes;

  /** A message whose rows are emitted with a token. */
  synchronized void expect(long token, Message message) {
    due.add(new Due(token, message));
    bytes += message.payload().length;
  }

  /** What may be acknowledged now. */
  synchronized List<Message> accepted(long token) {
    List<Message> settled = new ArrayList<>();
    while (!due.isEmpty() && due.peek().token() <= token) {
      Message message = due.remove().message();
      bytes -= message.payload().length;
      settled.add(message);
    }
    return settled;
  }

  /** The payload bytes of what is open. */
  synchronized long bytes() {
    return bytes;
  }
}
