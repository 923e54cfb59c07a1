package kr.madang.control.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import kr.madang.host.HostError;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;
import org.sqlite.JDBC;
import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/**
 * One SQLite file: forced to the disk with each transaction, one connection, one user at a time.
 * Beside it lies a {@link Ballast}, from which it lives when the disk is full. Any thread may call.
 */
public final class Store implements AutoCloseable {
  private final String url;
  private final String name;
  private final @Nullable Ballast ballast;
  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Connection connection;
  private boolean closed;

  private Store(String url, String name, @Nullable Ballast ballast) {
    this.url = url;
    this.name = name;
    this.ballast = ballast;
  }

  /** Opens or makes a file and brings it to the newest schema. */
  public static Store open(Path file) {
    Ballast ballast;
    try {
      ballast = new Ballast(file.resolveSibling(file.getFileName() + "-ballast"));
    } catch (IOException e) {
      throw new PluginException(HostError.STORAGE, file.getParent() + " cannot be read: " + e, e);
    }
    Store store = new Store("jdbc:sqlite:" + file, file.toString(), ballast);
    store.transaction(rows -> true);
    return store;
  }

  /** A store in memory, made when it is first used. */
  public static Store inMemory() {
    return new Store("jdbc:sqlite::memory:", "memory", null);
  }

  private Connection connected() throws SQLException {
    Connection known = connection;
    if (known != null) {
      return known;
    }
    if (closed) {
      throw new PluginException(HostError.STORAGE, "the state in " + name + " is closed");
    }
    // Not by the DriverManager, which looks for every driver there is: half of the start.
    Connection fresh = JDBC.createConnection(url, new Properties());
    try {
      prepare(fresh);
    } catch (SQLException | RuntimeException e) {
      fresh.close();
      throw e;
    }
    connection = fresh;
    return fresh;
  }

  private void prepare(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("PRAGMA busy_timeout = 5000");
      statement.execute("PRAGMA journal_mode = WAL");
      statement.execute("PRAGMA synchronous = FULL");
      statement.execute("PRAGMA foreign_keys = ON");
      int version;
      try (ResultSet rows = statement.executeQuery("PRAGMA user_version")) {
        version = rows.getInt(1);
      }
      if (version > Migrations.ALL.size()) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID,
            "state in "
                + name
                + " was written by a newer Madang (schema "
                + version
                + ", this one knows "
                + Migrations.ALL.size()
                + "): start that version, or use another home");
      }
      connection.setAutoCommit(false);
      for (int i = version; i < Migrations.ALL.size(); i++) {
        for (String sql : Migrations.ALL.get(i)) {
          statement.execute(sql);
        }
        statement.execute("PRAGMA user_version = " + (i + 1));
        connection.commit();
      }
    }
  }

  /** Work within a transaction. */
  @FunctionalInterface
  public interface Work<T> {
    /** Does it. */
    T on(Rows rows) throws SQLException;
  }

  /** Reads one row. */
  @FunctionalInterface
  public interface Reader<T> {
    /** Reads it. */
    T read(ResultSet row) throws SQLException;
  }

  /** Statements within a transaction. */
  public static final class Rows {
    private final Connection connection;

    private Rows(Connection connection) {
      this.connection = connection;
    }

    /** Changes rows; answers how many. */
    public int change(String sql, @Nullable Object... values) throws SQLException {
      try (PreparedStatement statement = prepared(sql, values)) {
        return statement.executeUpdate();
      }
    }

    /** Reads rows. */
    public <T> List<T> read(String sql, Reader<T> reader, @Nullable Object... values)
        throws SQLException {
      try (PreparedStatement statement = prepared(sql, values);
          ResultSet rows = statement.executeQuery()) {
        List<T> all = new ArrayList<>();
        while (rows.next()) {
          all.add(reader.read(rows));
        }
        return all;
      }
    }

    private PreparedStatement prepared(String sql, @Nullable Object... values) throws SQLException {
      PreparedStatement statement = connection.prepareStatement(sql);
      for (int i = 0; i < values.length; i++) {
        statement.setObject(i + 1, values[i]);
      }
      return statement;
    }
  }

  /**
   * Does work in one transaction: all of it is on the disk when this returns, or none of it. What
   * changes rows may be done again from its start.
   */
  public <T> T transaction(Work<T> work) {
    return transaction(work, _ -> {});
  }

  /**
   * The same.
   *
   * @param then is told the result when it is on the disk, before anybody else's transaction
   */
  public <T> T transaction(Work<T> work, Consumer<T> then) {
    lock.lock();
    try {
      if (ballast != null) {
        ballast.restore();
      }
      while (true) {
        try {
          Connection current = connected();
          T result = work.on(new Rows(current));
          current.commit();
          then.accept(result);
          return result;
        } catch (SQLException e) {
          if (ballast == null || !isFull(e) || !ballast.release()) {
            throw e;
          }
          rollback(e);
        }
      }
    } catch (SQLException e) {
      rollback(e);
      throw new PluginException(
          HostError.STORAGE,
          "the state in "
              + name
              + " cannot be read or written: "
              + e.getMessage()
              + "; look at the disk of the home",
          e);
    } catch (RuntimeException | Error e) {
      rollback(e);
      throw e;
    } finally {
      lock.unlock();
    }
  }

  private static boolean isFull(SQLException e) {
    return e instanceof SQLiteException known
        && (known.getResultCode() == SQLiteErrorCode.SQLITE_FULL
            || known.getResultCode() == SQLiteErrorCode.SQLITE_IOERR_SHMSIZE);
  }

  private void rollback(Throwable cause) {
    Connection current = connection;
    if (current == null) {
      return;
    }
    try {
      current.rollback();
    } catch (SQLException e) {
      // A full disk has SQLite roll back by itself, which the driver does not see: it would never
      // begin a transaction again.
      cause.addSuppressed(e);
      leave(current, cause);
    }
  }

  private void leave(Connection broken, Throwable cause) {
    connection = null;
    try {
      broken.close();
    } catch (SQLException e) {
      cause.addSuppressed(e);
    }
  }

  /** Closes the file; a transaction that goes on ends first. */
  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      if (connection != null) {
        connection.close();
        connection = null;
      }
    } catch (SQLException e) {
      throw new PluginException(
          HostError.STORAGE, "the state in " + name + " cannot be closed: " + e, e);
    } finally {
      lock.unlock();
    }
  }
}
