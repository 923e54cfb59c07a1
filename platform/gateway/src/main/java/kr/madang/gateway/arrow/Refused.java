package kr.madang.gateway.arrow;

import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** What is said of bytes that cannot be taken. */
final class Refused {
  private Refused() {}

  static PluginException because(String what, Object... values) {
    return new PluginException(ErrorCode.SCHEMA_MISFIT, what.formatted(values));
  }
}
