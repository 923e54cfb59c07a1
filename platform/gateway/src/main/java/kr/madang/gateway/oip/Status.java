package kr.madang.gateway.oip;

import kr.madang.sdk.error.ErrorCode;

/** What becomes of a request, over every door of the protocol. */
public enum Status {
  INVALID(400),
  UNAUTHORIZED(401),
  FORBIDDEN(403),
  NOT_FOUND(404),
  NOT_ALLOWED(405),
  TOO_SLOW(408),
  CONFLICT(409),
  TOO_LARGE(413),
  MEDIA_TYPE(415),
  QUOTA(429),
  CANCELLED(499),
  BUG(500),
  EXTERNAL(502),
  UNAVAILABLE(503),
  DEADLINE(504);

  private final int http;

  Status(int http) {
    this.http = http;
  }

  /** Of HTTP. */
  public int http() {
    return http;
  }

  /** What an error of control or inference means to a caller of the protocol. */
  public static Status of(ErrorCode code) {
    return switch (code.name()) {
      case "NOT_FOUND" -> NOT_FOUND;
      case "FORBIDDEN" -> FORBIDDEN;
      case "CONFLICT" -> CONFLICT;
      case "QUOTA" -> QUOTA;
      case "DEADLINE" -> DEADLINE;
      case "CANCELLED" -> CANCELLED;
      default ->
          switch (code.blame()) {
            case CONFIG -> INVALID;
            case EXTERNAL -> EXTERNAL;
            case RESOURCE -> UNAVAILABLE;
            case BUG -> BUG;
          };
    };
  }
}
