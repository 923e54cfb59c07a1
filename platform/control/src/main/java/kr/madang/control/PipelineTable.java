package kr.madang.control;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import kr.madang.control.PipelineView.Desired;
import kr.madang.control.PipelineView.Pin;
import kr.madang.control.store.Store;

/** Pipelines as they are stored. */
final class PipelineTable {
  /** How many documents of a pipeline are kept. */
  static final int REVISIONS = 20;

  private PipelineTable() {}

  /** Which pipeline. */
  record Key(String workspace, String name) {
    @Override
    public String toString() {
      return workspace + "/" + name;
    }
  }

  /** A row. */
  record Stored(
      Key key,
      String description,
      String document,
      Format format,
      long revision,
      Desired desired,
      Instant created,
      Instant updated) {

    Stored with(Desired other, Instant now) {
      return new Stored(key, description, document, format, revision, other, created, now);
    }

    Stored with(String other, Format its) {
      return new Stored(key, description, other, its, revision, desired, created, updated);
    }
  }

  static List<Stored> all(Store.Rows rows) throws SQLException {
    return rows.read(
        "SELECT workspace, name, description, document, format, revision, desired, created, updated"
            + " FROM pipeline",
        PipelineTable::stored);
  }

  private static Stored stored(ResultSet row) throws SQLException {
    return new Stored(
        new Key(row.getString(1), row.getString(2)),
        row.getString(3),
        row.getString(4),
        Format.valueOf(row.getString(5).toUpperCase(Locale.ROOT)),
        row.getLong(6),
        Desired.valueOf(row.getString(7).toUpperCase(Locale.ROOT)),
        Instant.ofEpochMilli(row.getLong(8)),
        Instant.ofEpochMilli(row.getLong(9)));
  }

  /** Inserts or replaces; forgets the pins. */
  static void put(Store.Rows rows, Stored pipeline) throws SQLException {
    Key key = pipeline.key();
    rows.change(
        "DELETE FROM pin WHERE workspace = ? AND pipeline = ?", key.workspace(), key.name());
    rows.change(
        "INSERT INTO pipeline (workspace, name, description, document, format, revision, desired,"
            + " created, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
            + " ON CONFLICT (workspace, name) DO UPDATE SET description = excluded.description,"
            + " document = excluded.document, format = excluded.format,"
            + " revision = excluded.revision, desired = excluded.desired,"
            + " updated = excluded.updated",
        key.workspace(),
        key.name(),
        pipeline.description(),
        pipeline.document(),
        pipeline.format().name().toLowerCase(Locale.ROOT),
        pipeline.revision(),
        pipeline.desired().name().toLowerCase(Locale.ROOT),
        pipeline.created().toEpochMilli(),
        pipeline.updated().toEpochMilli());
    rows.change(
        "INSERT OR REPLACE INTO revision (workspace, name, revision, document, format, created)"
            + " VALUES (?, ?, ?, ?, ?, ?)",
        key.workspace(),
        key.name(),
        pipeline.revision(),
        pipeline.document(),
        pipeline.format().name().toLowerCase(Locale.ROOT),
        pipeline.updated().toEpochMilli());
    rows.change(
        "DELETE FROM revision WHERE workspace = ? AND name = ? AND revision <= ?",
        key.workspace(),
        key.name(),
        pipeline.revision() - REVISIONS);
  }

  /** A pipeline with the document that it had at a revision, if it is still kept. */
  static Optional<Stored> revision(Store.Rows rows, Stored pipeline, long revision)
      throws SQLException {
    return rows
        .read(
            "SELECT document, format FROM revision"
                + " WHERE workspace = ? AND name = ? AND revision = ?",
            row ->
                new Stored(
                    pipeline.key(),
                    pipeline.description(),
                    row.getString(1),
                    Format.valueOf(row.getString(2).toUpperCase(Locale.ROOT)),
                    revision,
                    pipeline.desired(),
                    pipeline.created(),
                    pipeline.updated()),
            pipeline.key().workspace(),
            pipeline.key().name(),
            revision)
        .stream()
        .findFirst();
  }

  static void desire(Store.Rows rows, Stored pipeline) throws SQLException {
    rows.change(
        "UPDATE pipeline SET desired = ?, updated = ? WHERE workspace = ? AND name = ?",
        pipeline.desired().name().toLowerCase(Locale.ROOT),
        pipeline.updated().toEpochMilli(),
        pipeline.key().workspace(),
        pipeline.key().name());
  }

  static void delete(Store.Rows rows, Key key) throws SQLException {
    rows.change(
        "DELETE FROM pipeline WHERE workspace = ? AND name = ?", key.workspace(), key.name());
  }

  static List<Pin> pins(Store.Rows rows, Key key) throws SQLException {
    return rows.read(
        "SELECT used, kind, resolved, digest FROM pin WHERE workspace = ? AND pipeline = ?"
            + " ORDER BY position",
        row -> new Pin(row.getString(1), row.getString(2), row.getString(3), row.getString(4)),
        key.workspace(),
        key.name());
  }

  /** Stores what a revision was resolved to, unless it was replaced meanwhile. */
  static void pin(Store.Rows rows, Key key, long revision, List<Pin> pins) throws SQLException {
    int position = 0;
    for (Pin pin : pins) {
      rows.change(
          "INSERT OR IGNORE INTO pin (workspace, pipeline, position, used, kind, resolved, digest)"
              + " SELECT workspace, name, ?, ?, ?, ?, ? FROM pipeline"
              + " WHERE workspace = ? AND name = ? AND revision = ?",
          position++,
          pin.use(),
          pin.kind(),
          pin.resolved(),
          pin.digest(),
          key.workspace(),
          key.name(),
          revision);
    }
  }
}
