package kr.madang.plugins.jdbc;

/**
 * A PostgreSQL for {@code platform/bench}: prints its port and the id of its process, and ends with
 * its standard input. User and password are postgres.
 */
final class LonePostgres {
  private LonePostgres() {}

  public static void main(String[] none) throws Exception {
    try (Postgres postgres = Postgres.start()) {
      System.out.println(postgres.port() + " " + postgres.pid());
      System.in.readAllBytes();
    }
    System.exit(0);
  }
}
