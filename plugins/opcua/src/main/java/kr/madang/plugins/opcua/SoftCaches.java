package kr.madang.plugins.opcua;

import java.net.URL;
import java.net.URLClassLoader;
import java.security.CodeSource;

/**
 * The JDK remembers, softly, the record for which it made {@code equals} and {@code hashCode} last
 * ({@code java.lang.runtime.ObjectMethods}). When that was one of Milo's, the plugin's class loader
 * would stay until memory runs short; so the JDK is given a record of a loader of nothing else to
 * remember.
 */
final class SoftCaches {
  private SoftCaches() {}

  static void refresh() throws Exception {
    CodeSource own = SoftCaches.class.getProtectionDomain().getCodeSource();
    if (own == null || own.getLocation() == null) {
      return;
    }
    URL[] here = {own.getLocation()};
    try (URLClassLoader aside = new URLClassLoader(here, ClassLoader.getPlatformClassLoader())) {
      aside.loadClass(Remembered.class.getName()).getMethod("use").invoke(null);
    }
  }
}
