package kr.madang.journal;

import java.time.Instant;

/**
 * Something that was found broken.
 *
 * @param when it was found
 * @param file the segment or cursor
 * @param offset where in it, in bytes
 * @param what for people: what was expected and found, what was done, where the copy lies
 */
public record Damage(Instant when, String file, long offset, String what) {}
