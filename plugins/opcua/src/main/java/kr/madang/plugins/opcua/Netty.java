package kr.madang.plugins.opcua;

import io.netty.util.internal.PlatformDependent;

/** Netty as a guest that leaves when it is asked to. */
final class Netty {
  private static final String FLIGHT_RECORDER = "io.netty.jfr.enabled";

  private Netty() {}

  /**
   * Keeps Netty from registering with the JVM's flight recorder, which would hold the plugin's
   * class loader for ever. Netty reads the switch once, when its class is initialised; afterwards
   * the property is as it was.
   */
  static synchronized void withoutFlightRecorder() {
    String before = System.getProperty(FLIGHT_RECORDER);
    System.setProperty(FLIGHT_RECORDER, "false");
    try {
      PlatformDependent.isJfrEnabled();
    } finally {
      if (before == null) {
        System.clearProperty(FLIGHT_RECORDER);
      } else {
        System.setProperty(FLIGHT_RECORDER, before);
      }
    }
  }
}
