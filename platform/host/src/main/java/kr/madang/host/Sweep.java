package kr.madang.host;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.security.Provider;
import java.security.Security;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.ResourceBundle;
import java.util.concurrent.Callable;
import java.util.logging.Handler;
import java.util.logging.LogManager;
import java.util.logging.Logger;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import kr.madang.sdk.error.PluginException;

/** Takes back what a plugin registered in the JVM and forgot: each would hold its class loader. */
final class Sweep {
  private Sweep() {}

  /** Runs on a thread of the plugin, since some of it calls back; says what was found. */
  static List<String> of(PluginRef plugin, Wall wall, PluginThreads threads, Duration limit) {
    try {
      return threads.call("sweeping after plugin " + plugin, limit, () -> sweep(wall));
    } catch (PluginException e) {
      return List.of(String.valueOf(e.getMessage()));
    }
  }

  private static List<String> sweep(Wall wall) throws IOException, ReflectiveOperationException {
    List<String> swept = new ArrayList<>();
    if (wall.usedSql()) {
      drivers(wall, swept);
    }
    if (wall.usedLogging()) {
      handlers(wall, swept);
    }
    if (wall.usedManagement()) {
      beans(wall, swept);
    }
    for (Provider provider : Security.getProviders()) {
      if (provider.getClass().getClassLoader() == wall) {
        Security.removeProvider(provider.getName());
        swept.add("security provider " + provider.getName());
      }
    }
    Thread.UncaughtExceptionHandler handler = Thread.getDefaultUncaughtExceptionHandler();
    if (handler != null && handler.getClass().getClassLoader() == wall) {
      Thread.setDefaultUncaughtExceptionHandler(null);
      swept.add("default uncaught exception handler");
    }
    ResourceBundle.clearCache(wall);
    return swept;
  }

  /** Only a class of the plugin's own loader may see and deregister its drivers. */
  @SuppressWarnings("unchecked")
  private static void drivers(Wall wall, List<String> swept)
      throws IOException, ReflectiveOperationException {
    var constructor = wall.adopt(DriverSweep.class).getDeclaredConstructor();
    var drivers = (Callable<List<String>>) constructor.newInstance();
    try {
      swept.addAll(drivers.call());
    } catch (Exception e) {
      swept.add("JDBC drivers, in part: " + e);
    }
  }

  private static void handlers(Wall wall, List<String> swept) {
    LogManager manager = LogManager.getLogManager();
    for (String name : Collections.list(manager.getLoggerNames())) {
      Logger logger = manager.getLogger(name);
      if (logger == null) {
        continue;
      }
      for (Handler handler : logger.getHandlers()) {
        if (handler.getClass().getClassLoader() == wall) {
          logger.removeHandler(handler);
          swept.add("handler of logger '" + name + "'");
        }
      }
      if (logger.getFilter() != null && logger.getFilter().getClass().getClassLoader() == wall) {
        logger.setFilter(null);
        swept.add("filter of logger '" + name + "'");
      }
    }
  }

  private static void beans(Wall wall, List<String> swept) {
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    for (ObjectName name : server.queryNames(null, null)) {
      try {
        if (server.getClassLoaderFor(name) == wall) {
          server.unregisterMBean(name);
          swept.add("MBean " + name);
        }
      } catch (JMException e) {
        // Somebody else was faster.
      }
    }
  }
}
