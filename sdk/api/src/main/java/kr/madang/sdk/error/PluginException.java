package kr.madang.sdk.error;

import org.jspecify.annotations.Nullable;

/**
 * The one exception of the SDK. Its message says what happened, what was expected and what to do,
 * for a person who does not know the code.
 */
public final class PluginException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final transient ErrorCode code;

  /** An error without a deeper cause. */
  public PluginException(ErrorCode code, String message) {
    this(code, message, null);
  }

  /** An error with the exception that led to it. */
  public PluginException(ErrorCode code, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /** The kind of error. */
  public ErrorCode code() {
    return code;
  }
}
