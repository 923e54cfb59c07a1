package kr.madang.control;

import kr.madang.inference.Call;
import kr.madang.inference.Reply;

/** Sees the calls by name of a model that is changing. Any thread; never blocks. */
@FunctionalInterface
interface Onlooker {
  /**
   * A call is about to be run.
   *
   * @param version that runs it
   * @param key of who asks; empty for none
   * @return who is told of the answer
   */
  Reply over(String version, String key, Call call, Reply reply);
}
