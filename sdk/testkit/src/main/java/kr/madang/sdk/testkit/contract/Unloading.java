package kr.madang.sdk.testkit.contract;

import java.lang.ref.WeakReference;
import java.lang.reflect.Constructor;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.locks.LockSupport;
import kr.madang.sdk.Plugin;
import kr.madang.sdk.PluginContext;
import kr.madang.sdk.testkit.PluginThreads;
import kr.madang.sdk.testkit.Wall;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Uses a stage behind a wall like the host's and sees whether its class loader can be collected.
 */
final class Unloading {
  /** What a contract is made of. */
  private static final String[] CONTRACT = {
    "org.junit.", "org.opentest4j.", "org.apiguardian.", "org.assertj."
  };

  private Unloading() {}

  /** What is done with a copy of the contract that another class loader made. */
  interface Use {
    void with(StageContract<?> copy) throws Exception;
  }

  static void assertCollected(Class<?> contract, Duration patience, Use use) throws Exception {
    PluginThreads threads = new PluginThreads("behind-a-wall", patience.multipliedBy(3));
    WeakReference<ClassLoader> loader = threads.call("use", () -> use(contract, use));
    forgetRecords();
    long end = System.nanoTime() + patience.toNanos();
    while (loader.get() != null) {
      System.gc();
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "the class loader is held; by a thread-local, a static of the JDK, a shutdown hook or a"
                + " thread? Threads left: "
                + threads.alive());
      }
      LockSupport.parkNanos(20_000_000);
    }
  }

  /**
   * The JDK remembers, softly and until the next one, the record for which it made {@code equals}
   * last ({@code java.lang.runtime.ObjectMethods}); that is no leak, so it is given another.
   */
  private static void forgetRecords() throws Exception {
    URL[] here = {Remembered.class.getProtectionDomain().getCodeSource().getLocation()};
    try (URLClassLoader aside = new URLClassLoader(here, ClassLoader.getPlatformClassLoader())) {
      aside.loadClass(Remembered.class.getName()).getMethod("use").invoke(null);
    }
  }

  private static WeakReference<ClassLoader> use(Class<?> contract, Use use) throws Exception {
    try (Wall loader = Wall.aroundClassPath(_ -> true, CONTRACT)) {
      Class<?> copy = loader.loadClass(contract.getName());
      if (!loader.equals(copy.getClassLoader())) {
        throw new AssertionError(
            contract + " lies in a package that plugins share; move it to one of the plugin's own");
      }
      Constructor<?> constructor = copy.getDeclaredConstructor();
      constructor.setAccessible(true);
      List<Plugin> plugins =
          ServiceLoader.load(Plugin.class, loader).stream()
              .map(ServiceLoader.Provider::get)
              .toList();
      for (Plugin plugin : plugins) {
        plugin.start(new Home(contract.getName()));
      }
      use.with((StageContract<?>) constructor.newInstance());
      for (Plugin plugin : plugins) {
        plugin.stop();
      }
      return new WeakReference<>(loader);
    }
  }

  private record Home(String id) implements PluginContext {
    @Override
    public String version() {
      return "0.0.0";
    }

    @Override
    public Path home() {
      return Path.of("");
    }

    @Override
    public Logger logger() {
      return LoggerFactory.getLogger(id);
    }
  }
}
