package kr.madang.host;

import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * Deregisters the JDBC drivers of a plugin. A copy of this class is defined in the plugin's loader
 * (see {@link Wall#adopt}), so it uses nothing but the JDK.
 */
public final class DriverSweep implements Callable<List<String>> {

  /** Called by reflection. */
  public DriverSweep() {}

  @Override
  public List<String> call() throws SQLException {
    ClassLoader own = DriverSweep.class.getClassLoader();
    List<String> swept = new ArrayList<>();
    for (Driver driver : Collections.list(DriverManager.getDrivers())) {
      if (own.equals(driver.getClass().getClassLoader())) {
        DriverManager.deregisterDriver(driver);
        swept.add("JDBC driver " + driver.getClass().getName());
      }
    }
    return swept;
  }
}
