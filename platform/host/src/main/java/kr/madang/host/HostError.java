package kr.madang.host;

import kr.madang.sdk.error.Blame;
import kr.madang.sdk.error.ErrorCode;

/** Kinds of error that only the host knows. */
public final class HostError {
  /** An archive that cannot be a plugin here, or a plugin that failed its probe. */
  public static final ErrorCode PLUGIN_REFUSED =
      new ErrorCode("PLUGIN_REFUSED", Blame.CONFIG, false);

  /** An archive that cannot be a model. */
  public static final ErrorCode MODEL_REFUSED = new ErrorCode("MODEL_REFUSED", Blame.CONFIG, false);

  /** The same id and version is there with another digest. */
  public static final ErrorCode CONFLICT = new ErrorCode("CONFLICT", Blame.CONFIG, false);

  /** The plugin is used by something that has to end first. */
  public static final ErrorCode IN_USE = new ErrorCode("IN_USE", Blame.CONFIG, true);

  /** The plugin is there and not started. */
  public static final ErrorCode NOT_STARTED = new ErrorCode("NOT_STARTED", Blame.CONFIG, true);

  /** Files of an installed plugin are missing, changed or added. */
  public static final ErrorCode DAMAGED = new ErrorCode("DAMAGED", Blame.RESOURCE, false);

  /** The disk is full, gone, or gives other bytes than it was given. */
  public static final ErrorCode STORAGE = new ErrorCode("STORAGE", Blame.RESOURCE, true);

  private HostError() {}
}
