package kr.madang.inference;

/** How far the examination of a model has come, in the order in which it goes. */
public enum ExaminationStage {
  /** Others are examined before it. */
  WAITING,
  /** The graph is read and looked over. */
  READING,
  /** It is rewritten and optimised, and its weights are packed. */
  PREPARING,
  /** It is loaded, and run for the first time. */
  LOADING,
  /** It is run with more and more rows. */
  MEASURING,
  /** The golden samples are run. */
  PROVING,
  /** Its longest node is looked for. */
  PROFILING
}
