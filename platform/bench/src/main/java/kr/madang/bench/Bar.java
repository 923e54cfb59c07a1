package kr.madang.bench;

import java.util.List;

/** One thing that is measured. */
interface Bar {
  /** The name on the command line. */
  String name();

  /** Measures. {@code quick}: within about ten seconds. */
  List<Figure> measure(boolean quick) throws Exception;
}
