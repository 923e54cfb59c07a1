package kr.madang.plugins.files;

/** A decimal count of some unit since 1970 UTC. */
final class EpochTime extends TimeParser {
  private final long unit;

  EpochTime(long unit) {
    this.unit = unit;
  }

  @Override
  long parse(char[] text, int from, int length) {
    int at = from;
    int end = from + length;
    boolean negative = at < end && text[at] == '-';
    if (negative) {
      at++;
    }
    int first = at;
    long whole = 0;
    for (; at < end && text[at] >= '0' && text[at] <= '9'; at++) {
      if (whole > (Long.MAX_VALUE - 9) / 10) {
        return bad(RANGE);
      }
      whole = whole * 10 + (text[at] - '0');
    }
    if (at == first) {
      return bad("a number");
    }
    long rest = 0;
    if (at < end && text[at] == '.') {
      long place = unit;
      for (at++; at < end && text[at] >= '0' && text[at] <= '9'; at++) {
        place /= 10;
        rest += (text[at] - '0') * place;
      }
    }
    if (at < end) {
      return bad("a number");
    }
    return of(negative ? -whole : whole, negative ? -rest : rest);
  }

  /** A whole count of the unit. */
  long of(long whole, long restNanos) {
    return whole > (Long.MAX_VALUE - unit) / unit || whole < (Long.MIN_VALUE + 2 * unit) / unit
        ? bad(RANGE)
        : whole * unit + restNanos;
  }

  /** A count of the unit with a fraction, as a double has it. */
  long of(double count) {
    double whole = Math.floor(count);
    if (!(Math.abs(whole) < 9.2e18 / unit)) {
      return bad(RANGE);
    }
    return of((long) whole, Math.round((count - whole) * unit));
  }
}
