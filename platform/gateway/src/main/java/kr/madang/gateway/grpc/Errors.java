package kr.madang.gateway.grpc;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import kr.madang.gateway.oip.Refusal;

/** Refusals as gRPC tells them. */
public final class Errors {
  private static final Metadata.Key<String> RETRY_AFTER =
      Metadata.Key.of("retry-after", Metadata.ASCII_STRING_MARSHALLER);

  /** Clients end the connection, with all its streams, over trailers of more than 8 KiB. */
  private static final int MOST_BYTES = 4 << 10;

  private Errors() {}

  /** The number of a refusal in gRPC. */
  static int code(Refusal refusal) {
    return of(refusal).getStatus().getCode().value();
  }

  /** With the status, the words and when to try again. */
  public static StatusRuntimeException of(Refusal refusal) {
    Status status =
        (switch (refusal.status()) {
              case INVALID, MEDIA_TYPE -> Status.INVALID_ARGUMENT;
              case UNAUTHORIZED -> Status.UNAUTHENTICATED;
              case FORBIDDEN -> Status.PERMISSION_DENIED;
              case NOT_FOUND -> Status.NOT_FOUND;
              case NOT_ALLOWED -> Status.UNIMPLEMENTED;
              case TOO_LARGE, QUOTA -> Status.RESOURCE_EXHAUSTED;
              case CONFLICT -> Status.ABORTED;
              case CANCELLED -> Status.CANCELLED;
              case BUG -> Status.INTERNAL;
              case EXTERNAL, UNAVAILABLE -> Status.UNAVAILABLE;
              case DEADLINE, TOO_SLOW -> Status.DEADLINE_EXCEEDED;
            })
            .withDescription(shortened(String.valueOf(refusal.getMessage())));
    Metadata trailers = new Metadata();
    Duration after = refusal.after();
    if (!after.isZero()) {
      trailers.put(RETRY_AFTER, Long.toString(Math.max(1, after.plusMillis(999).toSeconds())));
    }
    return status.asRuntimeException(trailers);
  }

  /** What is no printable ASCII takes three bytes for each of its own. */
  private static String shortened(String words) {
    int bytes = 0;
    int at = 0;
    while (at < words.length()) {
      int point = words.codePointAt(at);
      bytes +=
          point >= ' ' && point <= '~' && point != '%'
              ? 1
              : point < 0x80 ? 3 : point < 0x800 ? 6 : point < 0x10000 ? 9 : 12;
      if (bytes > MOST_BYTES) {
        return words.substring(0, at) + "…";
      }
      at += Character.charCount(point);
    }
    return words;
  }
}
