package kr.madang.host;

/** Where a plugin stands. */
public enum PluginState {
  /** Its files are in place and no code of it has run in this process. */
  INSTALLED,
  /** Its factories can be used. */
  STARTED,
  /** It was started and is unloaded again. */
  STOPPED,
  /** Its files are damaged, or it could not be started; the reason says which. */
  FAILED
}
