package kr.madang.sdk.testkit.proxy;

/** Which way bytes go. */
public enum Direction {
  /** What the client says. */
  TO_SERVER,
  /** What the server answers. */
  TO_CLIENT
}
