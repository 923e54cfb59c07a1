package kr.madang.plugins.jdbc;

import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;

/** The config of the sink; {@code README.md} explains it with examples. */
record SinkConfig(
    @Doc("The database") Server server,
    @Doc("Schema of the table (a database for mariadb); not for sqlite") Optional<String> schema,
    @Doc("The table") String table,
    @Doc("Make the table if it is missing, and columns that it lacks") @Default("false")
        boolean create,
    @Doc("Names of columns for fields, where they differ: FIELD: COLUMN") @Default("{}")
        Map<String, String> columns) {

  /** Checks each component. */
  SinkConfig {
    Kind kind = server.kind();
    Checks.identifier("schema", schema, kind);
    Checks.that(
        schema.isEmpty() || kind != Kind.SQLITE, "schema", "nothing for sqlite", schema.orElse(""));
    Checks.identifier("table", table, kind);
    Set<String> names = new HashSet<>();
    columns.forEach((field, column) -> {
      Checks.identifier("columns." + field, column, kind);
      Checks.that(names.add(column), "columns", "each column once", "'" + column + "' twice");
    });
  }

  /** The table as SQL. */
  String into() {
    Kind kind = server.kind();
    return schema.map(name -> kind.quote(name) + ".").orElse("") + kind.quote(table);
  }

  /** The table as people call it. */
  String what() {
    return "table " + schema.map(name -> name + ".").orElse("") + table;
  }
}
