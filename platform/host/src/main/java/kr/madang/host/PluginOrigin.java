package kr.madang.host;

/** Where the files of a plugin come from. */
public enum PluginOrigin {
  /** A read-only folder of the distribution, trusted as built. */
  CATALOGUE,
  /** Installed into the home; probed then, hashed again at each start. */
  INSTALLED
}
