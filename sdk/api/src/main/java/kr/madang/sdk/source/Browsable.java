package kr.madang.sdk.source;

import java.util.List;
import kr.madang.sdk.Incubating;

/** A trait of a {@link Source}: it can list what the far side offers. */
@Incubating
public interface Browsable {

  /**
   * One page of what lies directly under a place; called on a thread of the plugin, beside the
   * driving of the source.
   *
   * @param place where to look, as a former page named it; empty means the root
   * @param after the last name of the page before; empty means the first page
   * @param atMost the greatest number of entries wanted
   */
  List<Tag> browse(String place, String after, int atMost) throws Exception;
}
