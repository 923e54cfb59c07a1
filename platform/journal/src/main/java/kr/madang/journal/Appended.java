package kr.madang.journal;

/**
 * What became of an append.
 *
 * @param outcome whether it was taken
 * @param order the number of the last record in the journal; {@link Journal#forced} reaches it when
 *     the records are safe; -1 if not taken
 */
public record Appended(Outcome outcome, long order) {
  /** Whether an append was taken. */
  public enum Outcome {
    /** It will be forced soon. */
    TAKEN,
    /** There was no room in time; nothing was taken, try again. */
    FULL,
    /** There was no room and a stream drops what is new; it is counted in a gap. */
    DROPPED
  }
}
