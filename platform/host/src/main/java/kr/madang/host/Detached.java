package kr.madang.host;

import java.io.Serial;
import java.lang.reflect.InvocationTargetException;
import java.util.ServiceConfigurationError;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * What a plugin threw, as text and stack trace: the thing itself would hold the plugin's class
 * loader wherever it is kept.
 */
final class Detached extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;
  private static final int MAX_CAUSES = 8;

  private final String type;

  private Detached(String type, @Nullable String message, @Nullable Throwable cause) {
    super(message, cause);
    this.type = type;
  }

  /** Says what was thrown, on the thread of the plugin, since it may run code of the plugin. */
  static PluginException translate(String what, Throwable outer) {
    Throwable thrown = outer;
    try {
      thrown = unwrapped(outer);
      Throwable copy = copy(thrown, 0);
      return switch (thrown) {
        case PluginException e -> new PluginException(e.code(), what + ": " + e.getMessage(), copy);
        case NoClassDefFoundError e ->
            new PluginException(
                ErrorCode.BUG,
                what
                    + " needs class "
                    + String.valueOf(e.getMessage()).replace('/', '.')
                    + ", which is neither in lib/ of the plugin nor shared by the host:"
                    + " put its jar into lib/",
                copy);
        case OutOfMemoryError e ->
            new PluginException(ErrorCode.EXHAUSTED, what + " ran out of memory: " + e, copy);
        default -> new PluginException(ErrorCode.BUG, what + " threw " + thrown, copy);
      };
    } catch (Throwable hostile) {
      return new PluginException(
          ErrorCode.BUG,
          what + " threw " + thrown.getClass().getName() + ", which cannot even be printed");
    }
  }

  /** What the JDK wrapped on the way: the reason is inside. */
  private static Throwable unwrapped(Throwable outer) {
    Throwable thrown = outer;
    for (int depth = 0; depth < MAX_CAUSES; depth++) {
      Throwable cause = thrown.getCause();
      boolean wrapper =
          thrown instanceof ServiceConfigurationError
              || thrown instanceof ExceptionInInitializerError
              || thrown instanceof InvocationTargetException;
      if (cause == null || !wrapper) {
        return thrown;
      }
      thrown = cause;
    }
    return thrown;
  }

  private static Detached copy(Throwable thrown, int depth) {
    Throwable cause = thrown.getCause();
    Detached copy =
        new Detached(
            thrown.getClass().getName(),
            thrown.getMessage(),
            cause == null || depth == MAX_CAUSES ? null : copy(cause, depth + 1));
    copy.setStackTrace(thrown.getStackTrace());
    return copy;
  }

  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }

  @Override
  public String toString() {
    String message = getMessage();
    return message == null ? type : type + ": " + message;
  }
}
