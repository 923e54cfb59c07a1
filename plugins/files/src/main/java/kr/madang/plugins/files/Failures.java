package kr.madang.plugins.files;

import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.regex.Pattern;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.memory.OutOfMemoryException;

/** What went wrong with a file, in words of the SDK. */
final class Failures {
  private static final Pattern OBJECT = Pattern.compile("[\\w.$]+@[0-9a-f]{1,8}\\b");

  private Failures() {}

  /** A file that cannot be read. */
  static PluginException unreadable(Path path, FileFormat format, Exception e) {
    return switch (e) {
      case PluginException known -> known;
      case OutOfMemoryException _ ->
          new PluginException(
              ErrorCode.EXHAUSTED,
              path + ": its blocks need more memory than the pipeline has: " + e.getMessage(),
              e);
      case NoSuchFileException _ ->
          new PluginException(ErrorCode.NOT_FOUND, path + ": does not exist any more", e);
      case AccessDeniedException _ ->
          new PluginException(
              ErrorCode.UNREACHABLE, path + ": may not be read; grant the runtime access", e);
      default ->
          new PluginException(
              ErrorCode.BAD_DATA,
              path
                  + ": expected a whole "
                  + switch (format) {
                    case PARQUET -> "Parquet";
                    case ARROW -> "Arrow";
                    case CSV, AUTO -> "CSV";
                  }
                  + " file, got: "
                  + reason(e),
              e);
    };
  }

  /** A folder or file that cannot be written. */
  static PluginException unwritable(Path path, IOException e) {
    String reason = reason(e);
    String lower = reason.toLowerCase(Locale.ROOT);
    if (lower.contains("no space left") || lower.contains("quota exceeded")) {
      return new PluginException(
          ErrorCode.EXHAUSTED, path + ": the disk is full; free some space: " + reason, e);
    }
    return new PluginException(
        ErrorCode.UNREACHABLE,
        path
            + ": expected a folder that can be written, got: "
            + switch (e) {
              case AccessDeniedException _ -> "access denied; grant the runtime access";
              case FileAlreadyExistsException _ -> "a file of that name; move it, or change path";
              default -> reason;
            },
        e);
  }

  /** Whether the thread was told to stop. */
  static boolean interrupted(Exception e) {
    return e instanceof ClosedByInterruptException || e.getCause() instanceof InterruptedException;
  }

  /** An interrupt, whatever a channel or a library has made of it. */
  static InterruptedException interrupt(Exception e) {
    boolean _ = Thread.interrupted();
    InterruptedException told = new InterruptedException(e.getMessage());
    told.initCause(e);
    return told;
  }

  private static String reason(Exception e) {
    String message = e.getMessage();
    if (message != null && e.getClass() == RuntimeException.class) {
      return OBJECT.matcher(message).replaceAll("it"); // as parquet-mr names a file
    }
    return e.getClass().getSimpleName() + (message == null ? "" : ": " + message);
  }
}
