package kr.madang.plugins.files;

/** Keeps a row that cannot be read. */
@FunctionalInterface
interface Rejects {
  /**
   * Keeps a row.
   *
   * @param row its number within what is being read
   * @param why field, expected and got
   */
  void reject(int row, String why);
}
