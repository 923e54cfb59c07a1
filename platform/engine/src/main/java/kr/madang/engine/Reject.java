package kr.madang.engine;

import java.time.Instant;

/**
 * Rows that were rejected together.
 *
 * @param time when
 * @param stage which stage rejected them
 * @param why the cause, for people
 * @param rows how many
 * @param content the rows, as text
 */
public record Reject(Instant time, String stage, String why, int rows, String content) {}
