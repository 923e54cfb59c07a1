package kr.madang.control.store;

import java.util.List;

/** The schema, one list of statements a version; what was released is never changed. */
final class Migrations {
  static final List<List<String>> ALL =
      List.of(
          List.of(
              """
              CREATE TABLE workspace (
                name TEXT PRIMARY KEY,
                created INTEGER NOT NULL
              ) STRICT
              """,
              "INSERT INTO workspace (name, created) VALUES ('default', 0)",
              """
              CREATE TABLE token (
                hash BLOB PRIMARY KEY,
                subject TEXT NOT NULL,
                role TEXT NOT NULL,
                workspaces TEXT NOT NULL,
                created INTEGER NOT NULL
              ) STRICT
              """,
              """
              CREATE TABLE plugin (
                id TEXT NOT NULL,
                version TEXT NOT NULL,
                desired TEXT NOT NULL,
                updated INTEGER NOT NULL,
                PRIMARY KEY (id, version)
              ) STRICT
              """,
              """
              CREATE TABLE pipeline (
                workspace TEXT NOT NULL REFERENCES workspace (name),
                name TEXT NOT NULL,
                description TEXT NOT NULL,
                document TEXT NOT NULL,
                format TEXT NOT NULL,
                revision INTEGER NOT NULL,
                desired TEXT NOT NULL,
                created INTEGER NOT NULL,
                updated INTEGER NOT NULL,
                PRIMARY KEY (workspace, name)
              ) STRICT
              """,
              """
              CREATE TABLE pin (
                workspace TEXT NOT NULL,
                pipeline TEXT NOT NULL,
                position INTEGER NOT NULL,
                used TEXT NOT NULL,
                kind TEXT NOT NULL,
                resolved TEXT NOT NULL,
                digest TEXT NOT NULL,
                PRIMARY KEY (workspace, pipeline, kind, used),
                FOREIGN KEY (workspace, pipeline) REFERENCES pipeline (workspace, name)
                  ON DELETE CASCADE
              ) STRICT
              """,
              """
              CREATE TABLE alarm (
                id INTEGER PRIMARY KEY AUTOINCREMENT,
                workspace TEXT NOT NULL,
                pipeline TEXT NOT NULL,
                stage TEXT NOT NULL,
                cause TEXT NOT NULL,
                severity TEXT NOT NULL,
                message TEXT NOT NULL,
                active INTEGER NOT NULL,
                acknowledged INTEGER NOT NULL,
                since INTEGER NOT NULL,
                cleared INTEGER
              ) STRICT
              """,
              """
              CREATE UNIQUE INDEX alarm_active ON alarm (workspace, pipeline, stage, cause)
                WHERE active = 1
              """,
              """
              CREATE TABLE audit (
                position INTEGER PRIMARY KEY AUTOINCREMENT,
                time INTEGER NOT NULL,
                subject TEXT NOT NULL,
                verb TEXT NOT NULL,
                object TEXT NOT NULL,
                detail TEXT NOT NULL
              ) STRICT
              """),
          List.of(
              """
              CREATE TABLE revision (
                workspace TEXT NOT NULL,
                name TEXT NOT NULL,
                revision INTEGER NOT NULL,
                document TEXT NOT NULL,
                format TEXT NOT NULL,
                created INTEGER NOT NULL,
                PRIMARY KEY (workspace, name, revision),
                FOREIGN KEY (workspace, name) REFERENCES pipeline (workspace, name)
                  ON DELETE CASCADE
              ) STRICT
              """,
              """
              INSERT INTO revision (workspace, name, revision, document, format, created)
                SELECT workspace, name, revision, document, format, updated FROM pipeline
              """),
          List.of(
              "ALTER TABLE workspace ADD COLUMN weight REAL NOT NULL DEFAULT 1",
              "ALTER TABLE workspace ADD COLUMN rows_per_second INTEGER NOT NULL DEFAULT 0",
              "ALTER TABLE workspace ADD COLUMN compute_ms_per_second INTEGER NOT NULL DEFAULT 0",
              "ALTER TABLE workspace ADD COLUMN concurrent INTEGER NOT NULL DEFAULT 0",
              "ALTER TABLE workspace ADD COLUMN queue INTEGER NOT NULL DEFAULT 256",
              """
              CREATE TABLE alias (
                model TEXT NOT NULL,
                alias TEXT NOT NULL,
                version TEXT NOT NULL,
                updated INTEGER NOT NULL,
                PRIMARY KEY (model, alias)
              ) STRICT
              """),
          List.of(
              """
              CREATE TABLE model_pin (
                model TEXT NOT NULL,
                version TEXT NOT NULL,
                created INTEGER NOT NULL,
                PRIMARY KEY (model, version)
              ) STRICT
              """),
          List.of(
              """
              CREATE TABLE usage (
                hour INTEGER NOT NULL,
                workspace TEXT NOT NULL,
                model TEXT NOT NULL,
                version TEXT NOT NULL,
                origin TEXT NOT NULL,
                calls INTEGER NOT NULL,
                failed INTEGER NOT NULL,
                rejected INTEGER NOT NULL,
                rows INTEGER NOT NULL,
                compute_nanos INTEGER NOT NULL,
                bytes_in INTEGER NOT NULL,
                bytes_out INTEGER NOT NULL
              ) STRICT
              """,
              "CREATE INDEX usage_hour ON usage (hour, workspace)",
              """
              CREATE TRIGGER usage_unchanged BEFORE UPDATE ON usage
              BEGIN SELECT RAISE(ABORT, 'the ledger of use is append-only'); END
              """,
              """
              CREATE TRIGGER usage_kept BEFORE DELETE ON usage
              BEGIN SELECT RAISE(ABORT, 'the ledger of use is append-only'); END
              """,
              """
              CREATE TABLE usage_open (
                hour INTEGER NOT NULL,
                workspace TEXT NOT NULL,
                model TEXT NOT NULL,
                version TEXT NOT NULL,
                origin TEXT NOT NULL,
                calls INTEGER NOT NULL,
                failed INTEGER NOT NULL,
                rejected INTEGER NOT NULL,
                rows INTEGER NOT NULL,
                compute_nanos INTEGER NOT NULL,
                bytes_in INTEGER NOT NULL,
                bytes_out INTEGER NOT NULL,
                PRIMARY KEY (hour, workspace, model, version, origin)
              ) STRICT
              """),
          List.of(
              """
              CREATE TABLE baseline (
                model TEXT NOT NULL,
                version TEXT NOT NULL,
                document TEXT NOT NULL,
                taken INTEGER NOT NULL,
                PRIMARY KEY (model, version)
              ) STRICT
              """),
          List.of(
              """
              CREATE TABLE rollout (
                model TEXT PRIMARY KEY,
                old_version TEXT NOT NULL,
                wish TEXT NOT NULL,
                stage TEXT NOT NULL,
                state TEXT NOT NULL,
                reason TEXT NOT NULL,
                since INTEGER NOT NULL,
                ended INTEGER NOT NULL,
                seen TEXT NOT NULL,
                subject TEXT NOT NULL
              ) STRICT
              """));

  private Migrations() {}
}
