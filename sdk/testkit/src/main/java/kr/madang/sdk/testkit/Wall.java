package kr.madang.sdk.testkit;

import java.io.File;
import java.lang.ref.WeakReference;
import java.lang.reflect.Constructor;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A class loader of a plugin, like the host's: the JDK, the shared classes, the plugin's own
 * places, and nothing else of the test.
 */
public final class Wall extends URLClassLoader {
  static {
    registerAsParallelCapable();
  }

  private static final List<String> SHARED =
      List.of("kr.madang.sdk.", "org.apache.arrow.", "org.slf4j.", "org.jspecify.");

  private final List<String> shared;

  private Wall(List<URL> places, List<String> shared) {
    super("wall", places.toArray(URL[]::new), ClassLoader.getPlatformClassLoader());
    this.shared = shared;
  }

  /** Has what lies where these classes do: a plugin's and one of each library. */
  public static Wall around(Class<?>... types) {
    return new Wall(
        Stream.of(types)
            .map(type -> type.getProtectionDomain().getCodeSource().getLocation())
            .toList(),
        SHARED);
  }

  /**
   * Has a part of the test's class path.
   *
   * @param names says of the name of a jar or folder whether it belongs to the plugin
   * @param more what class names begin with that the test shares too
   */
  public static Wall aroundClassPath(Predicate<String> names, String... more)
      throws MalformedURLException {
    List<URL> places = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path place = Path.of(entry);
      if (names.test(place.getFileName().toString())) {
        places.add(place.toUri().toURL());
      }
    }
    return new Wall(places, Stream.concat(SHARED.stream(), Stream.of(more)).toList());
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    return shared.stream().anyMatch(name::startsWith)
        ? Wall.class.getClassLoader().loadClass(name)
        : super.loadClass(name, resolve);
  }

  /** Makes an object of the plugin's own copy of a class that has one constructor. */
  public Object make(Class<?> type, Object... values) throws ReflectiveOperationException {
    Constructor<?> constructor = loadClass(type.getName()).getDeclaredConstructors()[0];
    constructor.setAccessible(true);
    return constructor.newInstance(values);
  }

  /** The plugin's own copy of an enum's constant. */
  public Object constant(Enum<?> constant) throws ClassNotFoundException {
    return loadClass(constant.getDeclaringClass().getName()).getEnumConstants()[constant.ordinal()];
  }

  /** Fails unless the class loader is collected within the limit. */
  public static void assertCollected(WeakReference<? extends ClassLoader> loader, Duration limit)
      throws Exception {
    Await.until(
        "the class loader is collected",
        limit,
        () -> {
          System.gc();
          return loader.get() == null;
        });
  }
}
