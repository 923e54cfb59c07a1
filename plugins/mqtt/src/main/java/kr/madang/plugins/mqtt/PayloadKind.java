package kr.madang.plugins.mqtt;

/** What a payload is. */
enum PayloadKind {
  /** JSON text. */
  JSON,
  /** CBOR (RFC 8949), with the same paths as JSON. */
  CBOR,
  /** The whole payload is one value. */
  RAW,
  /** Sparkplug B payload with named metrics; for whole Sparkplug groups use the stage sparkplug. */
  SPARKPLUG
}
