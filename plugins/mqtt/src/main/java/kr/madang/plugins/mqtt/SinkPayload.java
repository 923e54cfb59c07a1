package kr.madang.plugins.mqtt;

/** How rows are written. */
enum SinkPayload {
  /** A JSON object for each sample or frame. */
  JSON,
  /** The bare value: one message for each sample, or for each field of a frame. */
  RAW
}
