package kr.madang.sdk.error;

/** Whose move it is to mend an error. */
public enum Blame {
  /** What a person wrote: a config, a pipeline, a model's signature. */
  CONFIG,
  /** Something outside: a device, a broker, a network, a file that others write. */
  EXTERNAL,
  /** This machine: memory, disk, permits, quotas. */
  RESOURCE,
  /** A mistake in the code of a plugin or of the platform. */
  BUG
}
