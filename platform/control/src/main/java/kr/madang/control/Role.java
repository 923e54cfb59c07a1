package kr.madang.control;

/** What somebody may do within a workspace; each role may do what those before it may. */
public enum Role {
  /** Looks. */
  VIEWER,
  /** Makes and runs pipelines. */
  MEMBER,
  /** Manages plugins, which all workspaces share, and acknowledges for everybody. */
  OPERATOR,
  /** Everything. */
  ADMIN;

  /** Whether this role includes another. */
  public boolean includes(Role other) {
    return compareTo(other) >= 0;
  }
}
