package kr.madang.inference;

/** Why a run was started with as many calls as it had. */
public enum Closing {
  /** A core was free and nobody waited. */
  AT_ONCE,
  /** Nobody else waited who could be taken along. */
  ALONE,
  /** All that waited were taken along. */
  ALL,
  /** More waited than one run may have. */
  FULL,
  /** A part of a run that had failed, to find the call that is to blame. */
  BISECTED
}
