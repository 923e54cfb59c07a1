package kr.madang.control;

import java.util.List;

/** The alarms of all workspaces and of the platform. */
public final class Alarms {
  Alarms() {}

  /** The alarms of a workspace and of the platform: the active ones, then the latest cleared. */
  public List<Alarm> list(Caller caller, String workspace) {
    throw new UnsupportedOperationException();
  }

  /** Notes that somebody has seen an alarm. */
  public Alarm acknowledge(Caller caller, String workspace, long id) {
    throw new UnsupportedOperationException();
  }
}
