package kr.madang.journal;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import kr.madang.journal.disk.Disk;

/**
 * What a journal is given.
 *
 * @param disk where it is kept
 * @param clock the time that is written into records
 * @param threads makes the thread that writes
 * @param bytes most bytes of all segments together; beyond it the journal is full
 * @param reserve bytes that stay free on the disk for others; below it the journal is full
 * @param firstSegment size of the first segment; each one after it is twice as big
 * @param lastSegment size of the biggest segment
 * @param gather how long the first record of a commit may wait for others
 * @param compress whether bodies are compressed
 * @param key of 16 or 32 bytes for AES-GCM; empty for none
 */
public record JournalOptions(
    Disk disk,
    InstantSource clock,
    ThreadFactory threads,
    long bytes,
    long reserve,
    int firstSegment,
    int lastSegment,
    Duration gather,
    boolean compress,
    Optional<byte[]> key) {

  /** 16 GiB, 64 MiB of reserve, segments from 1 to 64 MiB, 5 ms, neither compressed nor secret. */
  public static JournalOptions of(Disk disk, InstantSource clock, ThreadFactory threads) {
    return new JournalOptions(
        disk,
        clock,
        threads,
        16L << 30,
        64L << 20,
        1 << 20,
        64 << 20,
        Duration.ofMillis(5),
        false,
        Optional.empty());
  }
}
