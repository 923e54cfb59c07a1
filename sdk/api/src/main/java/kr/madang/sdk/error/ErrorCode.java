package kr.madang.sdk.error;

/**
 * A kind of error. Metrics, HTTP status and the decision to try again derive from it.
 *
 * @param name upper case with underscores, stable over releases
 * @param blame whose move it is
 * @param retriable whether the same call can succeed later without a change by a person
 */
public record ErrorCode(String name, Blame blame, boolean retriable) {
  /** A config that cannot be used as it stands. */
  public static final ErrorCode CONFIG_INVALID =
      new ErrorCode("CONFIG_INVALID", Blame.CONFIG, false);

  /** A stage, a field or a tensor that does not fit the one before it. */
  public static final ErrorCode SCHEMA_MISFIT = new ErrorCode("SCHEMA_MISFIT", Blame.CONFIG, false);

  /** Something named by the config that does not exist (yet). */
  public static final ErrorCode NOT_FOUND = new ErrorCode("NOT_FOUND", Blame.CONFIG, true);

  /** The far side cannot be reached. */
  public static final ErrorCode UNREACHABLE = new ErrorCode("UNREACHABLE", Blame.EXTERNAL, true);

  /** The far side did not answer in time. */
  public static final ErrorCode TIMEOUT = new ErrorCode("TIMEOUT", Blame.EXTERNAL, true);

  /** The far side answered something that its protocol does not allow. */
  public static final ErrorCode PROTOCOL = new ErrorCode("PROTOCOL", Blame.EXTERNAL, true);

  /** The far side understood and said no. */
  public static final ErrorCode REFUSED = new ErrorCode("REFUSED", Blame.EXTERNAL, false);

  /** Data from outside that cannot be read. */
  public static final ErrorCode BAD_DATA = new ErrorCode("BAD_DATA", Blame.EXTERNAL, false);

  /** No memory, disk, permit or quota left at the moment. */
  public static final ErrorCode EXHAUSTED = new ErrorCode("EXHAUSTED", Blame.RESOURCE, true);

  /** A mistake in code; anything thrown that is no {@link PluginException} counts as this. */
  public static final ErrorCode BUG = new ErrorCode("BUG", Blame.BUG, false);
}
