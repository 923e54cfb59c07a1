package kr.madang.sdk.testkit.contract;

/** What is expected of a stage unless its test denies it. */
public enum Capability {
  /** Source, sink: the far side is reached over TCP, so that a proxy can stand between. */
  NETWORK,
  /** Source, sink: bytes that are none of the protocol end in an error, within memory and time. */
  GARBAGE,
  /** Source, sink: {@code verify} looks at the far side and says when it is away. */
  VERIFICATION,
  /** Source, sink: the class loader of the plugin can be collected after use. */
  UNLOADING,
  /** Source, sink: a call that waits for the far side ends at an interrupt, not only in time. */
  INTERRUPTION,
  /** Source, sink: the time at the source is carried. */
  SOURCE_TIME,
  /** Source: the far side can say any time, also one that does not fit into 64 bits of ns. */
  ANY_TIME,
  /** Source: the far side can say that one value alone cannot be used. */
  QUALITY,
  /** Source, sink: status codes are carried as they are. */
  STATUS_CODES,
  /** Source: the config says which tags will come. */
  DECLARED_TAGS,
  /** Source: each change at the far side becomes a row, once unless a fault comes between. */
  EVERY_CHANGE,
  /** Source: a position names a point from which reading goes on. */
  POSITIONS,
  /** Source: what was not accepted comes again. */
  REDELIVERY,
  /** Source: what happened while nobody was there is fetched. */
  BACKFILL,
  /** Source: tags can be written. */
  COMMANDS,
  /** Source: the far side can be browsed. */
  BROWSING,
  /** Sink: rows written twice under the same name are there once. */
  IDEMPOTENCE,
  /** Sink: rows that are Bad are kept as such, not refused. */
  BAD_ROWS,
  /** Transform: each input row is emitted once, or named as filtered, dropped or rejected. */
  ROW_FOR_ROW,
  /** Transform: the same rows in other batches give the same output. */
  ANY_BATCHES,
  /** Transform: an output of Bad inputs is not Good. */
  QUALITY_PASSED_ON,
  /** Transform: an input schema that does not fit is refused. */
  SCHEMA_CHECK,
}
