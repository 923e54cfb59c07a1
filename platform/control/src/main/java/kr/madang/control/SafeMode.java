package kr.madang.control;

import kr.madang.sdk.error.PluginException;

/** What a runtime says that was told to start nothing. */
final class SafeMode {
  /** Why a pipeline is parked. */
  static final String REASON =
      "safe mode: neither plugins nor pipelines are started; stop, replace or delete what is"
          + " broken, then start the runtime without --safe";

  private SafeMode() {}

  static PluginException refusal(String what) {
    return new PluginException(
        ControlError.CONFLICT,
        what
            + " is not possible in safe mode: stop, replace or delete what is broken, then start"
            + " the runtime without --safe");
  }
}
