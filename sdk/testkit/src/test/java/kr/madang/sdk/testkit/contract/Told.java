package kr.madang.sdk.testkit.contract;

import org.jspecify.annotations.Nullable;

/**
 * A word for the threads that a test starts, and theirs. Lies where the wall of a plugin lets it
 * through, so that a toy behind a wall hears it as well.
 */
public final class Told {
  private static final InheritableThreadLocal<@Nullable String> WORD =
      new InheritableThreadLocal<>();

  private Told() {}

  /** Says the word to this thread and those that it will start. */
  public static void say(String word) {
    WORD.set(word);
  }

  /** Whether no word was said. */
  public static boolean nothing() {
    String word = WORD.get();
    return word == null || word.isEmpty();
  }

  /** Whether this is the word. */
  public static boolean is(String word) {
    return word.equals(WORD.get());
  }
}
