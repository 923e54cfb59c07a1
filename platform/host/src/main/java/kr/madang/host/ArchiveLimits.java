package kr.madang.host;

/**
 * How large a plugin archive may be.
 *
 * @param archiveBytes of the archive itself
 * @param entries in it, folders too
 * @param totalBytes of all entries unpacked
 * @param entryBytes of one entry unpacked
 * @param pathLength of an entry's name, in characters
 * @param depth folders that an entry may lie in
 */
public record ArchiveLimits(
    long archiveBytes, int entries, long totalBytes, long entryBytes, int pathLength, int depth) {

  /** Enough for a connector with its libraries or for a large model. */
  public static final ArchiveLimits DEFAULT =
      new ArchiveLimits(1L << 30, 10_000, 2L << 30, 1L << 30, 240, 16);
}
