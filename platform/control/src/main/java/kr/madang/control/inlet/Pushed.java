package kr.madang.control.inlet;

import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.SampleWriter;

/** Rows on their way in; written at once, in one of the two shapes. */
public interface Pushed {
  /** How many. */
  int rows();

  /**
   * Writes all of them as samples.
   *
   * @throws kr.madang.sdk.error.PluginException for what is no sample; none is taken then
   */
  void samples(SampleWriter out);

  /**
   * Writes all of them as frames.
   *
   * @throws kr.madang.sdk.error.PluginException for what is no frame; none is taken then
   */
  void frames(FrameWriter out);
}
