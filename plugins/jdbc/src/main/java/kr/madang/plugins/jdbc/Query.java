package kr.madang.plugins.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * The statements of a source: rows in the order of (watermark, unique), a page after a bookmark and
 * up to a horizon. A page is found by its key, so that nothing stays open at the server between
 * two.
 */
final class Query {
  private final Kind kind;
  private final String from;
  private final ColumnType watermark;
  private final @Nullable ColumnType unique;
  private final String list;
  private final int batch;
  private final String sane;

  /** Numbers in the result. */
  final int watermarkAt;

  final int uniqueAt;

  Query(SourceConfig config, Table table, Selection selection, @Nullable ColumnType unique) {
    this.kind = config.server().kind();
    this.from = config.from();
    this.watermark = table.column("watermark.column", config.watermark().column());
    this.unique = unique;
    this.batch = config.batch();
    comparable("watermark.column", watermark);
    this.watermarkAt = selection.key(watermark);
    if (unique == null) {
      uniqueAt = 0;
    } else {
      comparable("watermark.unique", unique);
      uniqueAt = selection.key(unique);
    }
    this.list = selection.sql();
    this.sane = kind.sane(kind.quote(watermark.name()), watermark);
  }

  private static void comparable(String field, ColumnType column) {
    switch (column.category()) {
      case INTEGER, NUMBER, TIME, TEXT -> {}
      default ->
          throw new PluginException(
              ErrorCode.CONFIG_INVALID,
              "%s: expected a number, a time or a text, got '%s' of type %s"
                  .formatted(field, column.name(), column.sql()));
    }
  }

  /** The tie-breaker of a config, or null where the watermark is one itself. */
  static @Nullable ColumnType unique(SourceConfig config, Table table) {
    Optional<String> unique = config.watermark().unique();
    return unique.isEmpty() || unique.get().equals(config.watermark().column())
        ? null
        : table.column("watermark.unique", unique.get());
  }

  /** The columns by which rows are ordered, as people write them. */
  String order() {
    return watermark.name() + (unique == null ? "" : ", " + unique.name());
  }

  /** The greatest watermark now, or null. */
  @Nullable String greatest(Connection connection) throws SQLException {
    String column = kind.quote(watermark.name());
    try (PreparedStatement statement =
            connection.prepareStatement(
                "SELECT %s FROM %s AS t WHERE %s ORDER BY t.%s DESC LIMIT 1"
                    .formatted(kind.text(column), from, sane, column));
        ResultSet result = statement.executeQuery()) {
      return result.next() ? result.getString(1) : null;
    }
  }

  /** Prepares a page; {@link #bind} gives its parameters. */
  PreparedStatement page(Connection connection, @Nullable Bookmark after, boolean bounded)
      throws SQLException {
    String wm = kind.quote(watermark.name());
    StringBuilder sql = new StringBuilder("SELECT ").append(list).append(" FROM ").append(from);
    sql.append(" AS t");
    sql.append(" WHERE ").append(sane);
    if (after != null) {
      sql.append(" AND ").append(after(after));
    }
    if (bounded) {
      sql.append(" AND ").append(wm).append(" <= ").append(kind.parameter(watermark));
    }
    // With the alias: a bare name would mean the text in the list, and 10 would come before 9.
    sql.append(" ORDER BY t.").append(wm);
    if (unique != null) {
      sql.append(", t.").append(kind.quote(unique.name()));
    }
    return connection.prepareStatement(sql.append(" LIMIT ").append(batch).toString());
  }

  private String after(Bookmark bookmark) {
    String wm = kind.quote(watermark.name());
    String parameter = kind.parameter(watermark);
    if (bookmark.inclusive()) {
      return wm + " >= " + parameter;
    }
    if (unique == null || bookmark.unique() == null) {
      return wm + " > " + parameter;
    }
    String uq = kind.quote(unique.name());
    String second = kind.parameter(unique);
    return kind == Kind.MARIADB
        // Its planner finds no range in a comparison of pairs.
        ? "%1$s >= %2$s AND (%1$s > %2$s OR %3$s > %4$s)".formatted(wm, parameter, uq, second)
        : "(%s, %s) > (%s, %s)".formatted(wm, uq, parameter, second);
  }

  /** Gives a prepared page its parameters. */
  void bind(PreparedStatement page, @Nullable Bookmark after, @Nullable String upTo)
      throws SQLException {
    int at = 1;
    if (after != null) {
      page.setString(at++, after.watermark());
      if (!after.inclusive() && unique != null && after.unique() != null) {
        if (kind == Kind.MARIADB) {
          page.setString(at++, after.watermark());
        }
        page.setString(at++, after.unique());
      }
    }
    if (upTo != null) {
      page.setString(at, upTo);
    }
  }
}
