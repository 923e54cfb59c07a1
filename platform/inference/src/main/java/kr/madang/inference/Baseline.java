package kr.madang.inference;

import java.util.List;

/**
 * What the inputs and outputs of a model looked like when it was made, in the units of the fields.
 *
 * @param columns those that are known
 */
public record Baseline(List<Column> columns) {
  /** So many bins a column has at most. */
  public static final int BINS = 10;

  /** Nothing is known. */
  public static final Baseline NONE = new Baseline(List.of());

  /** Makes the list unmodifiable. */
  public Baseline {
    columns = List.copyOf(columns);
  }

  /** What a column is of. */
  public enum Side {
    /** Goes into the model. */
    INPUT,
    /** Comes out of it. */
    OUTPUT
  }

  /**
   * The values of one field.
   *
   * @param name of the field; {@code field[3]} for one element of it
   * @param edges where a bin ends, rising: a value that equals an edge lies below it; the first and
   *     the last bin are open. At most {@value #BINS} − 1
   * @param shares of the values that are there, one more than edges; together 1
   * @param missing share of the values that were missing, 0 to 1
   * @param low the least value that is nothing special
   * @param high the greatest
   * @param rows that this was taken from
   */
  public record Column(
      Side side,
      String name,
      List<Double> edges,
      List<Double> shares,
      double missing,
      double low,
      double high,
      long rows) {

    /** Checks the numbers. */
    public Column {
      edges = List.copyOf(edges);
      shares = List.copyOf(shares);
      require(!name.isEmpty(), name, "name", "a name", "none");
      require(edges.size() < BINS, name, "edges", "at most 9 numbers", edges.size() + " numbers");
      require(
          shares.size() == edges.size() + 1,
          name,
          "shares",
          edges.size() + 1 + " numbers, one more than edges",
          shares.size() + " numbers");
      double before = Double.NEGATIVE_INFINITY;
      for (double edge : edges) {
        require(
            Double.isFinite(edge) && edge > before, name, "edges", "numbers that rise", edges + "");
        before = edge;
      }
      double sum = 0;
      for (double share : shares) {
        require(share >= 0 && share <= 1, name, "shares", "numbers from 0 to 1", share + "");
        sum += share;
      }
      require(Math.abs(sum - 1) < 0.01, name, "shares", "numbers that are 1 together", sum + "");
      require(missing >= 0 && missing <= 1, name, "missing", "a share from 0 to 1", missing + "");
      require(low <= high, name, "low", "a number up to high, which is " + high, low + "");
      require(rows > 0, name, "rows", "at least 1", rows + "");
    }

    private static void require(
        boolean fits, String name, String key, String expected, String got) {
      if (!fits) {
        throw new IllegalArgumentException(
            "baseline of '%s', %s: expected %s, got %s".formatted(name, key, expected, got));
      }
    }
  }
}
