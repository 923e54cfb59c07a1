package kr.madang.host;

import java.io.IOException;
import java.io.InputStream;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLConnection;
import java.net.URLStreamHandler;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The class loader of one plugin: the JDK, the shared classes, its own jars, and nothing else of
 * the host, resources neither.
 */
final class Wall extends URLClassLoader {
  static {
    registerAsParallelCapable();
  }

  private volatile boolean usedSql;
  private volatile boolean usedLogging;
  private volatile boolean usedManagement;

  Wall(PluginRef plugin, List<URL> jars) {
    super(plugin.toString(), jars.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    if (SharedClasses.isShared(name)) {
      return SharedClasses.LOADER.loadClass(name);
    }
    if (name.startsWith("java")) {
      note(name);
    }
    return super.loadClass(name, resolve);
  }

  private void note(String name) {
    if (name.startsWith("java.sql.")) {
      usedSql = true;
    } else if (name.startsWith("java.util.logging.")) {
      usedLogging = true;
    } else if (name.startsWith("javax.management.") || name.startsWith("java.lang.management.")) {
      usedManagement = true;
    }
  }

  /** Whether the plugin can have registered a JDBC driver. */
  boolean usedSql() {
    return usedSql;
  }

  /** Whether the plugin can have registered a handler of java.util.logging. */
  boolean usedLogging() {
    return usedLogging;
  }

  /** Whether the plugin can have registered an MBean. */
  boolean usedManagement() {
    return usedManagement;
  }

  /** Makes a class of the host part of the plugin, for what only the plugin's loader may do. */
  Class<?> adopt(Class<?> type) throws IOException {
    try (InputStream in = type.getResourceAsStream(type.getSimpleName() + ".class")) {
      if (in == null) {
        throw new IOException("the class file of " + type.getName() + " is missing");
      }
      byte[] bytes = in.readAllBytes();
      synchronized (getClassLoadingLock(type.getName())) {
        Class<?> known = findLoadedClass(type.getName());
        return known != null ? known : defineClass(type.getName(), bytes, 0, bytes.length);
      }
    }
  }

  @Override
  public @Nullable URL findResource(String name) {
    URL found = super.findResource(name);
    return found == null ? null : uncached(found);
  }

  @Override
  public Enumeration<URL> findResources(String name) throws IOException {
    List<URL> found = new ArrayList<>();
    for (URL url : Collections.list(super.findResources(name))) {
      found.add(uncached(url));
    }
    return Collections.enumeration(found);
  }

  /** The JVM's cache of opened jars never forgets one: a URL that goes round it. */
  private static URL uncached(URL url) {
    try {
      return URL.of(URI.create(url.toExternalForm()), new Uncached());
    } catch (MalformedURLException | IllegalArgumentException e) {
      return url;
    }
  }

  private static final class Uncached extends URLStreamHandler {
    @Override
    protected URLConnection openConnection(URL url) throws IOException {
      URLConnection connection = URL.of(URI.create(url.toExternalForm()), null).openConnection();
      connection.setUseCaches(false);
      return connection;
    }
  }
}
