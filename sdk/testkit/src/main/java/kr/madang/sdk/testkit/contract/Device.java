package kr.madang.sdk.testkit.contract;

import java.time.Instant;
import java.util.List;

/** A real far side of a source, under the control of a test. */
public interface Device extends FarSide {

  /** At least two tags that the config of the test asks for, as the source names them. */
  List<String> tags();

  /**
   * Changes or says a value.
   *
   * @param value a whole number from 1 to 30,000
   * @param status Good unless {@link Capability#QUALITY} is expected
   * @param time rises from call to call by whole milliseconds; to be ignored where the far side
   *     says no time
   */
  void write(String tag, double value, int status, Instant time) throws Exception;

  /** The value that was commanded last; only with {@link Capability#COMMANDS}. */
  default double read(String tag) throws Exception {
    throw new UnsupportedOperationException("deny COMMANDS, or say what was written to " + tag);
  }
}
