package kr.madang.plugins.mqtt;

/** What a value is taken as. */
enum ValueType {
  /** As it comes; a raw payload is a number if it reads as one, else a text, else bytes. */
  AUTO,
  /** A number; a text must read as one. */
  NUMBER,
  /** A text. */
  TEXT,
  /** The bytes of a raw payload or of a CBOR byte string. */
  BYTES
}
