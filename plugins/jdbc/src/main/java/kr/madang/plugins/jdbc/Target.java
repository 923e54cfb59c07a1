package kr.madang.plugins.jdbc;

import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import kr.madang.sdk.batch.Batch;

/**
 * One column of the table that is written, and where its values come from. One thread; {@link
 * #bind} before the rows of each batch.
 */
abstract class Target {
  /** What the column holds. */
  enum Type {
    /** A text of any length. */
    TEXT("text", "longtext CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "TEXT"),
    /** A text of at most 255 characters, as a part of a key. */
    NAME("text", "varchar(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin", "TEXT"),
    /** A whole number of 64 bits. */
    LONG("bigint", "bigint", "INTEGER"),
    /** A floating point number of 64 bits. */
    DOUBLE("double precision", "double", "REAL"),
    /** True or false. */
    FLAG("boolean", "boolean", "INTEGER"),
    /** Bytes. */
    BYTES("bytea", "longblob", "BLOB"),
    /** An instant, to the microsecond. */
    TIME("timestamptz", "datetime(6)", "TEXT");

    private final String postgresql;
    private final String mariadb;
    private final String sqlite;

    Type(String postgresql, String mariadb, String sqlite) {
      this.postgresql = postgresql;
      this.mariadb = mariadb;
      this.sqlite = sqlite;
    }

    /** The type as SQL. */
    String sql(Kind kind) {
      return switch (kind) {
        case POSTGRESQL -> postgresql;
        case MARIADB -> mariadb;
        case SQLITE -> sqlite;
      };
    }
  }

  final String name;
  final Type type;
  final boolean required;

  Target(String name, Type type, boolean required) {
    this.name = name;
    this.type = type;
    this.required = required;
  }

  /** Takes the vectors of a batch. */
  abstract void bind(Batch batch);

  /** Writes the value of a row. */
  abstract void copy(int row, CopyBuffer out) throws SQLException;

  /** Sets the value of a row as a parameter. */
  abstract void set(int row, PreparedStatement statement, int parameter) throws SQLException;

  /** The same text in each row of a batch. */
  static final class Stream extends Target {
    private String stream = "";
    private byte[] bytes = new byte[0];

    Stream(String name) {
      super(name, Type.NAME, true);
    }

    @Override
    void bind(Batch batch) {
      if (!batch.stream().equals(stream)) {
        stream = batch.stream();
        bytes = stream.getBytes(StandardCharsets.UTF_8);
      }
    }

    @Override
    void copy(int row, CopyBuffer out) throws SQLException {
      out.bytes(bytes, 0, bytes.length);
    }

    @Override
    void set(int row, PreparedStatement statement, int parameter) throws SQLException {
      statement.setString(parameter, stream);
    }
  }

  /** The epoch of a batch, or the number of a row. */
  static final class Count extends Target {
    private final boolean sequence;
    private long first;

    Count(String name, boolean sequence) {
      super(name, Type.LONG, true);
      this.sequence = sequence;
    }

    @Override
    void bind(Batch batch) {
      first = sequence ? batch.sequence() : batch.epoch();
    }

    @Override
    void copy(int row, CopyBuffer out) throws SQLException {
      out.int64(sequence ? first + row : first);
    }

    @Override
    void set(int row, PreparedStatement statement, int parameter) throws SQLException {
      statement.setLong(parameter, sequence ? first + row : first);
    }
  }
}
