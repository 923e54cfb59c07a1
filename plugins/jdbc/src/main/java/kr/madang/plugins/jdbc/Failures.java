package kr.madang.plugins.jdbc;

import java.sql.BatchUpdateException;
import java.sql.SQLException;
import java.util.Locale;
import kr.madang.sdk.error.Blame;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** What a database said, in words of the SDK. */
final class Failures {
  /** Others hold what is needed; the same again can succeed. */
  static final ErrorCode CONTENTION = new ErrorCode("CONTENTION", Blame.EXTERNAL, true);

  private static final int LONGEST = 600;

  private Failures() {}

  /** Whether the database refuses the values of a row, and would refuse them again. */
  static boolean ofData(SQLException e) {
    String state = state(e);
    return switch (vendor(e)) {
      // SQLite tells by numbers: constraint, mismatch, too big.
      case 19, 20, 18 -> sqlite(e) || data(state);
      default -> data(state);
    };
  }

  private static boolean data(String state) {
    // 54: a row too big for an index; P0001 and 45000: a trigger said no.
    return state.startsWith("22")
        || state.startsWith("23")
        || state.startsWith("54")
        || state.equals("P0001")
        || state.equals("45000");
  }

  /** Whether a row with the same unique key is there. */
  static boolean duplicate(SQLException e) {
    return state(e).startsWith("23") || sqlite(e) && (vendor(e) == 19);
  }

  /** An error before a stage runs: what a person has to mend ends the tries. */
  static PluginException atOpen(String target, SQLException e) {
    return of(target, e, false);
  }

  /** An error of a running stage: no row is lost over it, so it can always be tried again. */
  static PluginException running(String target, SQLException e) {
    return of(target, e, true);
  }

  private static PluginException of(String target, SQLException e, boolean running) {
    String state = state(e);
    ErrorCode code;
    String hint = "";
    if (sqlite(e)) {
      code =
          switch (vendor(e)) {
            case 5, 6 -> CONTENTION;
            case 13, 7 -> ErrorCode.EXHAUSTED;
            case 26, 11 -> ErrorCode.PROTOCOL;
            default -> ErrorCode.UNREACHABLE;
          };
    } else if (state.startsWith("28")) {
      code = running ? ErrorCode.UNREACHABLE : ErrorCode.REFUSED;
      hint = "; check server.user and server.password";
    } else if (state.equals("3D000") || vendor(e) == 1049) {
      code = ErrorCode.NOT_FOUND;
      hint = "; check server.database";
    } else if (state.equals("42P01") || state.equals("42S02")) {
      code = ErrorCode.NOT_FOUND;
      hint = "; check schema and table";
    } else if (state.equals("42501") || vendor(e) == 1142 || vendor(e) == 1044) {
      code = running ? ErrorCode.UNREACHABLE : ErrorCode.REFUSED;
      hint = "; grant the right to the user";
    } else if (state.equals("57014") || state.equals("70100") || vendor(e) == 1969) {
      code = ErrorCode.TIMEOUT;
      hint = "; the statement took longer than the pipeline's time-out";
    } else if (state.startsWith("40") || state.equals("55P03") || vendor(e) == 1205) {
      code = CONTENTION;
    } else if (state.startsWith("53")) {
      code = ErrorCode.EXHAUSTED;
    } else if (state.startsWith("42") || state.startsWith("22") || state.startsWith("23")) {
      code = running ? ErrorCode.UNREACHABLE : ErrorCode.CONFIG_INVALID;
    } else {
      code = ErrorCode.UNREACHABLE;
    }
    return new PluginException(code, target + ": " + words(e) + hint, e);
  }

  /** Whether nothing more can be said over this connection. */
  static boolean ofConnection(SQLException e) {
    String state = state(e);
    return state.startsWith("08") || state.startsWith("57P") || state.equals("25006");
  }

  /** What the database said, in one line. */
  static String words(SQLException e) {
    String message = String.valueOf(e.getMessage());
    if (e instanceof BatchUpdateException && e.getCause() instanceof SQLException cause) {
      message = String.valueOf(cause.getMessage());
    }
    String line = message.strip().replaceAll("\\s*[\\r\\n]+\\s*", "; ");
    return line.length() <= LONGEST ? line : line.substring(0, LONGEST) + "…";
  }

  private static boolean sqlite(SQLException e) {
    return e.getClass().getName().startsWith("org.sqlite.")
        || e.getCause() instanceof SQLException cause
            && cause.getClass().getName().startsWith("org.sqlite.")
        || String.valueOf(e.getMessage()).toUpperCase(Locale.ROOT).startsWith("[SQLITE_");
  }

  private static int vendor(SQLException e) {
    // The low byte is SQLite's primary code.
    return sqlite(e) ? e.getErrorCode() & 0xFF : e.getErrorCode();
  }

  private static String state(SQLException e) {
    for (Throwable at = e; at != null; at = at.getCause()) {
      if (at instanceof SQLException sql
          && sql.getSQLState() != null
          && !sql.getSQLState().isEmpty()) {
        return sql.getSQLState();
      }
    }
    return "";
  }
}
