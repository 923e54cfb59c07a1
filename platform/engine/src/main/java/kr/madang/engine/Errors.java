package kr.madang.engine;

import java.io.IOException;
import java.util.concurrent.TimeoutException;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.memory.OutOfMemoryException;

/** What anything that a plugin throws means. */
final class Errors {
  private Errors() {}

  static ErrorCode code(Throwable thrown) {
    return switch (thrown) {
      case PluginException e -> e.code();
      case OutOfMemoryException _ -> ErrorCode.EXHAUSTED;
      case TimeoutException _ -> ErrorCode.TIMEOUT;
      case java.net.SocketTimeoutException _ -> ErrorCode.TIMEOUT;
      case IOException _ -> ErrorCode.UNREACHABLE;
      default -> ErrorCode.BUG;
    };
  }

  /** The message for people: a plugin's own words where it found some. */
  static String message(Throwable thrown) {
    String message = thrown.getMessage();
    String kind = thrown.getClass().getSimpleName();
    if (message == null) {
      return kind;
    }
    return thrown instanceof PluginException ? message : kind + ": " + message;
  }
}
