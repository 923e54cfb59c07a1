package kr.madang.plugins.opcua;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.runtime.ObjectMethods;

/**
 * The JDK remembers, softly, for which component type it made the methods of a record last. When
 * that was one of Milo's, the plugin's class loader stays until memory runs short; so the JDK is
 * made to remember something of its own.
 */
final class SoftCaches {
  private record Own(StringBuilder component) {}

  private SoftCaches() {}

  static void refresh() throws Throwable {
    MethodHandles.Lookup lookup = MethodHandles.lookup();
    MethodHandle component =
        lookup.findVirtual(Own.class, "component", MethodType.methodType(StringBuilder.class));
    make(lookup, "hashCode", MethodType.methodType(int.class, Own.class), component);
    make(lookup, "toString", MethodType.methodType(String.class, Own.class), component);
    make(
        lookup,
        "equals",
        MethodType.methodType(boolean.class, Own.class, Object.class),
        component);
  }

  private static void make(
      MethodHandles.Lookup lookup, String name, MethodType type, MethodHandle component)
      throws Throwable {
    ObjectMethods.bootstrap(lookup, name, type, Own.class, "component", component);
  }
}
