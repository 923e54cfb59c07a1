package kr.madang.engine.compare;

import java.io.IOException;

/** Gives rows in order. */
@FunctionalInterface
interface RowSource {
  /** Fills a row with the next one; false at the end. */
  boolean next(Row into) throws IOException;
}
