package kr.madang.sdk;

import java.nio.file.Path;
import org.slf4j.Logger;

/** What a plugin knows of its place. */
@ProvidedByHost
public interface PluginContext {

  /** The id under which the plugin was installed. */
  String id();

  /** The version under which the plugin was installed. */
  String version();

  /** The unpacked archive of the plugin; read only. */
  Path home();

  /** A log of the plugin's own. */
  Logger logger();
}
