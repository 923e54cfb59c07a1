package kr.madang.sdk.testkit.contract;

import java.util.List;
import kr.madang.sdk.testkit.Sample;

/** A real far side of a sink, under the control of a test. */
public interface Store extends FarSide {

  /**
   * What others can read there now, in any order. Values are numbers; a far side that keeps no
   * status says Good, one that keeps no source time null. Receive times are not looked at.
   */
  List<Sample> stored() throws Exception;
}
