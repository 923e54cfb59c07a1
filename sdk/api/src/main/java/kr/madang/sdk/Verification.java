package kr.madang.sdk;

/** The list of checks that {@link StageFactory#verify} fills, shown to the operator as it grows. */
@ProvidedByHost
public interface Verification {

  /**
   * Runs one check now. What it throws becomes the result of the step and is not thrown on; later
   * steps are then skipped.
   *
   * @param what the check, as a short phrase: {@code connect to 10.0.0.7:502}
   */
  void step(String what, Check check);

  /** One check; returning means passed. */
  @FunctionalInterface
  interface Check {
    /** Throws to say why the check failed; the message is what the operator reads. */
    void run() throws Exception;
  }
}
