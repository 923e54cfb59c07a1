package kr.madang.plugins.files;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;

/**
 * The offset of local times in a zone; asks the rules only near their transitions. A time that
 * occurs twice is taken as the earlier one, one that a transition skips is moved by its length.
 */
final class ZoneOffsets {
  private static final long DAY = 86_400;

  private final ZoneRules rules;
  private long from = Long.MAX_VALUE;
  private long to = Long.MIN_VALUE;
  private int offset;

  ZoneOffsets(ZoneId zone) {
    rules = zone.getRules();
    if (rules.isFixedOffset()) {
      from = Long.MIN_VALUE;
      to = Long.MAX_VALUE;
      offset = rules.getOffset(Instant.EPOCH).getTotalSeconds();
    }
  }

  /** Seconds to subtract from a local time, itself in seconds since 1970 as if it were UTC. */
  int at(long localSecond) {
    return localSecond >= from && localSecond < to ? offset : ask(localSecond);
  }

  private int ask(long localSecond) {
    LocalDateTime local = LocalDateTime.ofEpochSecond(localSecond, 0, ZoneOffset.UTC);
    ZoneOffsetTransition transition = rules.getTransition(local);
    if (transition != null) {
      return transition.getOffsetBefore().getTotalSeconds();
    }
    ZoneOffset found = rules.getOffset(local);
    Instant instant = local.toInstant(found);
    ZoneOffsetTransition before = rules.previousTransition(instant.plusNanos(1));
    ZoneOffsetTransition after = rules.nextTransition(instant);
    offset = found.getTotalSeconds();
    from = before == null ? Long.MIN_VALUE : before.toEpochSecond() + offset + DAY;
    to = after == null ? Long.MAX_VALUE : after.toEpochSecond() + offset - DAY;
    return offset;
  }
}
