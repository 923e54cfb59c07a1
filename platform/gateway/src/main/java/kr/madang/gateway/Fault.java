package kr.madang.gateway;

import java.util.Map;

/** A request that ends before control is asked. */
final class Fault extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final int status;
  private final String code;
  private final transient Map<String, String> headers;

  Fault(int status, String code, String detail) {
    this(status, code, detail, Map.of());
  }

  Fault(int status, String code, String detail, Map<String, String> headers) {
    super(detail, null, false, false);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }

  static Fault unauthorized() {
    return new Fault(
        401,
        "UNAUTHORIZED",
        "this needs a valid token in the header 'Authorization: Bearer TOKEN'; the first one lies"
            + " in the file admin.token of the runtime's home",
        Map.of("WWW-Authenticate", "Bearer realm=\"madang\""));
  }

  int status() {
    return status;
  }

  String code() {
    return code;
  }

  Map<String, String> headers() {
    return headers;
  }
}
