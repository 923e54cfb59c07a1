package kr.madang.journal;

/**
 * How a stream is.
 *
 * @param name of the stream
 * @param epoch of its numbers
 * @param first the oldest row that is still there
 * @param released rows below it are not needed any more
 * @param forced rows below it are safe
 * @param next the number that the next row gets
 * @param bytes of rows that are not released
 * @param gone rows that were dropped or damaged, ever
 * @param oldest time of the oldest record that is still there, nanoseconds since 1970; 0 if none
 */
public record StreamStatus(
    String name,
    long epoch,
    long first,
    long released,
    long forced,
    long next,
    long bytes,
    long gone,
    long oldest) {}
