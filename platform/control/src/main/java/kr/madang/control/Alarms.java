package kr.madang.control;

import java.sql.SQLException;
import java.time.InstantSource;
import java.util.List;
import java.util.function.Supplier;
import kr.madang.control.store.Store;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** The alarms of all workspaces and of the platform. */
public final class Alarms {
  private final Guard guard;
  private final AlarmBook book;
  private final Supplier<Store> store;
  private final InstantSource clock;

  Alarms(Guard guard, AlarmBook book, Supplier<Store> store, InstantSource clock) {
    this.guard = guard;
    this.book = book;
    this.store = store;
    this.clock = clock;
  }

  /** The alarms of a workspace and of the platform: the active ones, then the latest cleared. */
  public List<Alarm> list(Caller caller, String workspace) {
    guard.require(caller, workspace, Role.VIEWER);
    return book.list(workspace);
  }

  /** Notes that somebody has seen an alarm; one of a loss, which cannot pass, ends with it. */
  public Alarm acknowledge(Caller caller, String workspace, long id) {
    guard.require(caller, workspace, Role.MEMBER);
    book.write();
    return store
        .get()
        .transaction(rows -> {
          rows.change(
              "UPDATE alarm SET acknowledged = 1 WHERE id = ? AND workspace IN (?, '')",
              id,
              workspace);
          Alarm alarm = found(rows, workspace, id);
          if (alarm.active() && PlatformAlarms.isLoss(alarm.cause())) {
            rows.change(
                "UPDATE alarm SET active = 0, cleared = ? WHERE id = ?", clock.millis(), id);
            alarm = found(rows, workspace, id);
          }
          guard.note(rows, caller, "alarm.acknowledge", Long.toString(id), alarm.cause());
          return alarm;
        });
  }

  private static Alarm found(Store.Rows rows, String workspace, long id) throws SQLException {
    return AlarmBook.find(rows, workspace, id)
        .orElseThrow(
            () -> new PluginException(ErrorCode.NOT_FOUND, "alarm " + id + " does not exist"));
  }
}
