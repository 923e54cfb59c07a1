package kr.madang.sdk.source;

import java.time.Duration;
import kr.madang.sdk.batch.SampleWriter;

/** A source that you ask: Modbus, S7. The host owns the fixed-rate schedule. */
public non-sealed interface PolledSource extends Source {

  /** The time between the starts of two rounds; asked once after opening. Zero means no pause. */
  Duration every();

  /**
   * Reads one round, blocking. Called once a period; a round that takes longer makes the host skip
   * and count the periods it missed. Interrupted when it outlasts {@link SourceContext#timeout} by
   * far or the pipeline stops.
   *
   * <p>What was written before an exception is thrown away. A tag that alone is at fault gets
   * {@link SampleWriter#bad} instead.
   */
  void read(SampleWriter out) throws Exception;
}
