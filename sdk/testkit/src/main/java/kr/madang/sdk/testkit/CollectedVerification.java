package kr.madang.sdk.testkit;

import java.util.ArrayList;
import java.util.List;
import kr.madang.sdk.Verification;

/**
 * Runs the steps of a verification and keeps {@code what: ok}, {@code what: message} or {@code
 * what: skipped}.
 */
public final class CollectedVerification implements Verification {
  private final List<String> results = new ArrayList<>();
  private boolean failed;

  @Override
  public void step(String what, Check check) {
    if (failed) {
      results.add(what + ": skipped");
      return;
    }
    try {
      check.run();
      results.add(what + ": ok");
    } catch (Exception e) {
      failed = true;
      results.add(what + ": " + e.getMessage());
    }
  }

  /** One line for each step. */
  public List<String> results() {
    return results;
  }
}
