package kr.madang.engine.compare;

import java.util.List;

/**
 * Where the columns that are compared lie in a {@link Row}. Samples have one column: the value of
 * the row's tag.
 *
 * @param columns in order
 * @param cells how many numbers a row has
 */
record Layout(List<Column> columns, int cells) {

  /**
   * One column.
   *
   * @param name of the field
   * @param unit as the field says, or empty
   * @param typeA its type in A, for people
   * @param typeB its type in B, for people
   * @param at its first number
   * @param width how many numbers it has: more than 1 for a list
   * @param status whether it has a status on both sides
   */
  record Column(
      String name, String unit, String typeA, String typeB, int at, int width, boolean status) {}

  static final Layout SAMPLES =
      new Layout(List.of(new Column("", "", "sample", "sample", 0, 1, true)), 1);
}
