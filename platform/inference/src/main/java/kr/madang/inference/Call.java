package kr.madang.inference;

import java.util.List;

/**
 * A call from outside: run these tensors through a model.
 *
 * @param inputs one for each input of the graph, in any order; their data must be direct memory and
 *     stay as it is until the call is replied to
 * @param outputs which outputs are wanted, in this order; empty means all
 * @param priority 0 to go with the others, more to go behind them in the line of the same tenant
 * @param deadline of {@code System.nanoTime()}, when nobody waits for the answer any more; {@link
 *     #NEVER} for none
 * @param together whether it may be run together with other calls
 */
public record Call(
    List<Tensor> inputs, List<String> outputs, int priority, long deadline, boolean together) {
  /** No deadline. */
  public static final long NEVER = Long.MAX_VALUE;

  /** Makes the lists unmodifiable. */
  public Call {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    if (priority < 0) {
      throw new IllegalArgumentException("priority must not be negative: " + priority);
    }
  }

  /** All outputs, at any time, with others. */
  public Call(List<Tensor> inputs) {
    this(inputs, List.of(), 0, NEVER, true);
  }

  /** Whether the deadline has passed. */
  boolean expired(long now) {
    return deadline != NEVER && deadline - now <= 0;
  }

  /** Nanoseconds until the deadline. */
  long left(long now) {
    return deadline == NEVER ? NEVER : deadline - now;
  }
}
