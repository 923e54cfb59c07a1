package kr.madang.inference;

/** So much a second, with a burst of a second (a token bucket). Any thread. */
final class Bucket {
  private double perNano;
  private double burst;
  private double left;
  private long last;

  /** Changes the rate; 0 is no limit. */
  synchronized void rate(double perSecond, long now) {
    if (perSecond / 1e9 != perNano) {
      perNano = perSecond / 1e9;
      burst = Math.max(1, perSecond);
      left = burst;
      last = now;
    }
  }

  /**
   * Takes what is there for.
   *
   * @return 0, or the nanoseconds until it could be taken; more than a burst never fits and is
   *     taken when the bucket is full
   */
  synchronized long take(double amount, long now) {
    if (perNano == 0) {
      return 0;
    }
    fill(now);
    double needed = Math.min(amount, burst);
    if (left >= needed) {
      left -= amount;
      return 0;
    }
    return Math.max(1, (long) ((needed - left) / perNano));
  }

  /** Nanoseconds until there is anything; 0 if there is. */
  synchronized long untilAny(long now) {
    if (perNano == 0) {
      return 0;
    }
    fill(now);
    return left > 0 ? 0 : Math.max(1, (long) (-left / perNano) + 1);
  }

  /** Takes what was used already; the bucket may owe. */
  synchronized void charge(double amount, long now) {
    if (perNano != 0) {
      fill(now);
      left -= amount;
    }
  }

  private void fill(long now) {
    if (now > last) {
      left = Math.min(burst, left + (now - last) * perNano);
      last = now;
    }
  }
}
