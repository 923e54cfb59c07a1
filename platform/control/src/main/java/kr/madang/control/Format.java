package kr.madang.control;

/** How a document is written. */
public enum Format {
  /** YAML 1.1 without anchors, aliases and tags. */
  YAML,
  /** JSON. */
  JSON
}
