package kr.madang.sdk.source;

import kr.madang.sdk.Incubating;

/** A trait of a {@link Source}: tags of it can be written. */
@Incubating
public interface Commandable {

  /**
   * Writes a value, in the tag's engineering unit, and returns once the far side has confirmed it;
   * called on a thread of the plugin, beside the driving of the source.
   *
   * @return the value read back after the write
   */
  double command(String tag, double value) throws Exception;
}
