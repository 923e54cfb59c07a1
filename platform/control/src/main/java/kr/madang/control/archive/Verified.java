package kr.madang.control.archive;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kr.madang.journal.Damage;
import kr.madang.journal.JournalStream;
import kr.madang.journal.Logged;
import kr.madang.journal.Reader;
import org.apache.arrow.memory.BufferAllocator;

/**
 * What reading a whole journal showed.
 *
 * @param records that were read
 * @param rows in them
 * @param gaps rows that are not there any more, and why
 * @param damage what was found broken
 * @param damaged all that was found, also what is not in the list
 */
public record Verified(
    long records, long rows, List<Logged.Gap> gaps, List<Damage> damage, long damaged) {

  /** Makes the lists unmodifiable. */
  public Verified {
    gaps = List.copyOf(gaps);
    damage = List.copyOf(damage);
  }

  /** Whether nothing was found broken; gaps that a policy made are no damage. */
  public boolean whole() {
    return damaged == 0
        && gaps.stream()
            .noneMatch(gap -> gap.cause().equals("damaged") || gap.cause().equals("missing"));
  }

  /** Reads every record of a journal, the bodies too. */
  public static Verified of(Archive archive, BufferAllocator allocator)
      throws InterruptedException {
    Map<String, Long> all = new HashMap<>();
    for (JournalStream stream : archive.journal().streams()) {
      all.put(stream.name(), 0L);
    }
    long records = 0;
    long rows = 0;
    List<Logged.Gap> gaps = new ArrayList<>();
    try (Reader reader = archive.journal().read(all, allocator)) {
      for (Logged next = Tail.end(reader); next != null; next = Tail.end(reader)) {
        switch (next) {
          case Logged.Rows got -> {
            rows += got.batch().rows();
            got.batch().close();
            records++;
          }
          case Logged.Note _ -> records++;
          case Logged.Gap gap -> gaps.add(gap);
        }
      }
    }
    var status = archive.journal().status();
    return new Verified(records, rows, gaps, status.damage(), status.damaged());
  }
}
