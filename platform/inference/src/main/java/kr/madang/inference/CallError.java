package kr.madang.inference;

import kr.madang.sdk.error.Blame;
import kr.madang.sdk.error.ErrorCode;

/** What becomes of calls that are not run, beyond the codes of the SDK. */
public final class CallError {
  /** The tenant has used what it may have. */
  public static final ErrorCode QUOTA = new ErrorCode("QUOTA", Blame.RESOURCE, true);

  /** There is more work than the cores can do in time. */
  public static final ErrorCode OVERLOADED = new ErrorCode("OVERLOADED", Blame.RESOURCE, true);

  /** The deadline of the call has passed. */
  public static final ErrorCode DEADLINE = new ErrorCode("DEADLINE", Blame.RESOURCE, true);

  /** Nobody waits for the answer any more. */
  public static final ErrorCode CANCELLED = new ErrorCode("CANCELLED", Blame.EXTERNAL, true);

  private CallError() {}
}
