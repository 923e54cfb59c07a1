package kr.madang.control;

import java.nio.file.Path;
import java.util.List;

/** The plugins of this installation; shared by all workspaces. */
public final class Plugins {
  Plugins() {}

  /** All of them, by id and version. */
  public List<PluginView> list(Caller caller) {
    throw new UnsupportedOperationException();
  }

  /** One of them. */
  public PluginView get(Caller caller, String id, String version) {
    throw new UnsupportedOperationException();
  }

  /** Installs an archive and starts it; tries it in a JVM of its own first, so it takes a while. */
  public PluginView install(Caller caller, Path zip) {
    throw new UnsupportedOperationException();
  }

  /** Starts a plugin, now and after each restart. */
  public PluginView start(Caller caller, String id, String version) {
    throw new UnsupportedOperationException();
  }

  /** Stops a plugin, now and after each restart; CONFLICT names the pipelines that use it. */
  public PluginView stop(Caller caller, String id, String version) {
    throw new UnsupportedOperationException();
  }

  /** Stops a plugin and deletes its files; CONFLICT names the pipelines that use it. */
  public void uninstall(Caller caller, String id, String version) {
    throw new UnsupportedOperationException();
  }
}
