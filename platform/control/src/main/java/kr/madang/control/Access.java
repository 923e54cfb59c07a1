package kr.madang.control;

import java.util.Optional;

/** Tokens and whom they stand for. */
public final class Access {
  Access() {}

  /**
   * Whom a bearer token stands for; empty if nobody.
   *
   * @param bearer the token itself, without {@code Bearer}
   */
  public Optional<Caller> authenticate(String bearer) {
    throw new UnsupportedOperationException();
  }
}
