package kr.madang.control;

import java.sql.SQLException;
import java.time.InstantSource;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import kr.madang.control.store.Store;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** Every permission check there is. */
final class Guard {
  /** The workspace that is always there. */
  static final String DEFAULT = "default";

  private final Set<String> workspaces = ConcurrentHashMap.newKeySet();
  private final InstantSource clock;

  Guard(InstantSource clock) {
    this.clock = clock;
  }

  /** Takes the workspaces that exist. */
  void know(String workspace) {
    workspaces.add(workspace);
  }

  /** All workspaces. */
  Set<String> known() {
    return Set.copyOf(workspaces);
  }

  /** What a caller cannot see does not exist; what it may not do is forbidden. */
  void require(Caller caller, String workspace, Role role) {
    if (!workspaces.contains(workspace) || !caller.sees(workspace)) {
      throw new PluginException(
          ErrorCode.NOT_FOUND, "workspace '" + workspace + "' does not exist");
    }
    if (!caller.role().includes(role)) {
      throw forbidden(caller, role, "in workspace '" + workspace + "'");
    }
  }

  /** For what all workspaces share. */
  void requireEverywhere(Caller caller, Role role) {
    if (!caller.role().includes(role) || role != Role.VIEWER && !caller.sees("*")) {
      throw forbidden(caller, role, "in all workspaces");
    }
  }

  private static PluginException forbidden(Caller caller, Role role, String where) {
    return new PluginException(
        ControlError.FORBIDDEN,
        "this needs the role "
            + role.name().toLowerCase(Locale.ROOT)
            + " "
            + where
            + "; "
            + caller.subject()
            + " is "
            + caller.role().name().toLowerCase(Locale.ROOT)
            + (caller.sees("*") ? "" : " of some workspaces only"));
  }

  /** Notes who did what, in the transaction that does it. */
  void note(Store.Rows rows, Caller caller, String verb, String object, String detail)
      throws SQLException {
    rows.change(
        "INSERT INTO audit (time, subject, verb, object, detail) VALUES (?, ?, ?, ?, ?)",
        clock.millis(),
        caller.subject(),
        verb,
        object,
        detail);
  }
}
