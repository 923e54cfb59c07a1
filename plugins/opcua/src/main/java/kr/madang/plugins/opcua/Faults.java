package kr.madang.plugins.opcua;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;

/** What went wrong at the far side, in words that a person can act on. */
final class Faults {
  private Faults() {}

  /** Waits for an answer; what comes instead is told as a {@link PluginException}. */
  static <T> T await(CompletableFuture<T> answer, Duration atMost, String what)
      throws InterruptedException {
    try {
      return answer.get(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      answer.cancel(false);
      throw new PluginException(
          ErrorCode.TIMEOUT, what + ": no answer within " + atMost.toMillis() + " ms", e);
    } catch (ExecutionException e) {
      throw of(what, e.getCause() == null ? e : e.getCause());
    }
  }

  static PluginException of(String what, Throwable cause) {
    for (Throwable at = cause; at != null; at = at.getCause()) {
      if (at instanceof PluginException known) {
        return known;
      }
      if (at instanceof UaException ua) {
        return new PluginException(kind(code(ua.getStatusCode())), what + ": " + words(ua), cause);
      }
    }
    return new PluginException(
        cause instanceof java.io.IOException || cause.getCause() instanceof java.io.IOException
            ? ErrorCode.UNREACHABLE
            : ErrorCode.PROTOCOL,
        what + ": " + said(cause),
        cause);
  }

  static String said(Throwable cause) {
    String message = cause.getMessage();
    return message == null ? cause.getClass().getSimpleName() : message;
  }

  private static String words(UaException ua) {
    String name = name(code(ua.getStatusCode()));
    String message = ua.getMessage();
    Throwable cause = ua.getCause();
    if (cause != null && cause.getMessage() != null) {
      message = cause.getMessage();
    }
    return message == null || message.isEmpty() || message.contains(name)
        ? name
        : name + " (" + message + ")";
  }

  static int code(StatusCode status) {
    return (int) status.getValue();
  }

  static Optional<Integer> code(Throwable thrown) {
    for (Throwable at = thrown; at != null; at = at.getCause()) {
      if (at instanceof UaException ua) {
        return Optional.of(code(ua.getStatusCode()));
      }
    }
    return Optional.empty();
  }

  /** The name of a status, without its info bits. */
  static String name(int status) {
    return StatusCodes.lookup(status & 0xFFFF_0000L)
        .map(found -> found[0])
        .orElse("0x%08X".formatted(status));
  }

  private static ErrorCode kind(int status) {
    long code = status & 0xFFFF_0000L;
    if (code == StatusCodes.Bad_Timeout || code == StatusCodes.Bad_RequestTimeout) {
      return ErrorCode.TIMEOUT;
    }
    if (code == StatusCodes.Bad_ConnectionClosed
        || code == StatusCodes.Bad_ConnectionRejected
        || code == StatusCodes.Bad_CommunicationError
        || code == StatusCodes.Bad_NotConnected
        || code == StatusCodes.Bad_ServerHalted
        || code == StatusCodes.Bad_Shutdown
        || code == StatusCodes.Bad_SessionClosed
        || code == StatusCodes.Bad_SessionIdInvalid
        || code == StatusCodes.Bad_SecureChannelClosed
        || code == StatusCodes.Bad_SecureChannelIdInvalid) {
      return ErrorCode.UNREACHABLE;
    }
    if (code == StatusCodes.Bad_TooManySessions
        || code == StatusCodes.Bad_TooManySubscriptions
        || code == StatusCodes.Bad_TooManyMonitoredItems
        || code == StatusCodes.Bad_TooManyPublishRequests
        || code == StatusCodes.Bad_TooManyOperations
        || code == StatusCodes.Bad_TcpServerTooBusy
        || code == StatusCodes.Bad_TcpNotEnoughResources
        || code == StatusCodes.Bad_OutOfMemory
        || code == StatusCodes.Bad_ResourceUnavailable) {
      // The resources are the server's; another try may find them free.
      return new ErrorCode("SERVER_BUSY", kr.madang.sdk.error.Blame.EXTERNAL, true);
    }
    if (code == StatusCodes.Bad_IdentityTokenRejected
        || code == StatusCodes.Bad_IdentityTokenInvalid
        || code == StatusCodes.Bad_UserAccessDenied
        || code == StatusCodes.Bad_CertificateUntrusted
        || code == StatusCodes.Bad_SecurityPolicyRejected
        || code == StatusCodes.Bad_SecurityModeRejected) {
      return ErrorCode.REFUSED;
    }
    return ErrorCode.PROTOCOL;
  }
}
