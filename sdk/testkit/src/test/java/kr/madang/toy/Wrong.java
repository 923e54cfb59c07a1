package kr.madang.toy;

import java.util.Set;

/** What is wrong with a toy. */
interface Wrong {

  /** The word by which the toy is told. */
  String name();

  /** The clauses that must fail. */
  Set<String> clauses();
}
