package kr.madang.gateway.oip;

import java.time.Duration;
import kr.madang.sdk.error.PluginException;

/** A request that ends with an error for its caller. It has no stack trace. */
public final class Refusal extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Status status;
  private final Duration after;

  /** Of a request that is not worth repeating as it is. */
  public Refusal(Status status, String message) {
    this(status, message, Duration.ZERO);
  }

  /**
   * Any.
   *
   * @param after when it is worth trying again; zero if there is no saying
   */
  public Refusal(Status status, String message, Duration after) {
    super(message, null, false, false);
    this.status = status;
    this.after = after;
  }

  /** What control or inference has said. */
  public static Refusal of(PluginException error) {
    return new Refusal(Status.of(error.code()), String.valueOf(error.getMessage()));
  }

  static Refusal invalid(String message) {
    return new Refusal(Status.INVALID, message);
  }

  /** What kind. */
  public Status status() {
    return status;
  }

  /** When it is worth trying again; zero if there is no saying. */
  public Duration after() {
    return after;
  }
}
