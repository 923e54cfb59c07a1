package kr.madang.control;

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

  Alarms(Guard guard, AlarmBook book, Supplier<Store> store) {
    this.guard = guard;
    this.book = book;
    this.store = store;
  }

  /** The alarms of a workspace and of the platform: the active ones, then the latest cleared. */
  public List<Alarm> list(Caller caller, String workspace) {
    guard.require(caller, workspace, Role.VIEWER);
    return book.list(workspace);
  }

  /** Notes that somebody has seen an alarm. */
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
          Alarm alarm =
              AlarmBook.find(rows, workspace, id)
                  .orElseThrow(() ->
                      new PluginException(ErrorCode.NOT_FOUND, "alarm " + id + " does not exist"));
          guard.note(rows, caller, "alarm.acknowledge", Long.toString(id), alarm.cause());
          return alarm;
        });
  }
}
