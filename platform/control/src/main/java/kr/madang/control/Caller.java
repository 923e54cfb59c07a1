package kr.madang.control;

import java.util.Set;

/**
 * Who asks.
 *
 * @param subject for the audit table
 * @param role in each of the workspaces
 * @param workspaces that the caller can see; {@code *} means all
 */
public record Caller(String subject, Role role, Set<String> workspaces) {

  /** Makes the set unmodifiable. */
  public Caller {
    workspaces = Set.copyOf(workspaces);
  }

  /** The person who started this process and so owns its files; for the command line only. */
  public static Caller local() {
    return new Caller("local", Role.ADMIN, Set.of("*"));
  }

  /** Whether a workspace exists for this caller. */
  public boolean sees(String workspace) {
    return workspaces.contains(workspace) || workspaces.contains("*");
  }
}
