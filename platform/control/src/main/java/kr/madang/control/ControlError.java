package kr.madang.control;

import kr.madang.sdk.error.Blame;
import kr.madang.sdk.error.ErrorCode;

/** Kinds of error that only control knows. */
public final class ControlError {
  /** The thing exists already, or is used by others that must end first. */
  public static final ErrorCode CONFLICT = new ErrorCode("CONFLICT", Blame.CONFIG, false);

  /** The thing has changed since the caller looked at it. */
  public static final ErrorCode PRECONDITION = new ErrorCode("PRECONDITION", Blame.CONFIG, false);

  /** The caller may see the thing and not do this to it. */
  public static final ErrorCode FORBIDDEN = new ErrorCode("FORBIDDEN", Blame.CONFIG, false);

  private ControlError() {}
}
