package kr.madang.launcher;

import java.lang.reflect.Proxy;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * SIGTERM and SIGINT. They do not end the JVM at once: its shutdown hooks would run beside ONNX
 * Runtime's own, under the feet of pipelines that still drain. The second signal ends it by force.
 */
final class Signals {
  private final CountDownLatch asked = new CountDownLatch(1);
  private final AtomicInteger count = new AtomicInteger();
  private volatile Runnable action = () -> {};

  private Signals() {}

  /** Takes both signals over from now on. */
  static Signals take() {
    Signals signals = new Signals();
    for (String name : new String[] {"TERM", "INT"}) {
      signals.take(name);
    }
    return signals;
  }

  /**
   * By reflection: javac warns of {@code sun.misc.Signal}, and nothing can be said against that.
   */
  private void take(String name) {
    try {
      Class<?> signal = Class.forName("sun.misc.Signal");
      Class<?> handler = Class.forName("sun.misc.SignalHandler");
      Object ours =
          Proxy.newProxyInstance(
              handler.getClassLoader(),
              new Class<?>[] {handler},
              (proxy, method, arguments) -> {
                if (!method.getName().equals("handle")) {
                  throw new UnsupportedOperationException(method.getName());
                }
                came((int) signal.getMethod("getNumber").invoke(arguments[0]));
                return null;
              });
      Object one = signal.getConstructor(String.class).newInstance(name);
      signal.getMethod("handle", signal, handler).invoke(null, one, ours);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("this JVM does not hand out SIG" + name, e);
    }
  }

  /** What to do at the first signal, on a thread of the JVM; at once if it came already. */
  void then(Runnable what) {
    action = what;
    if (asked.getCount() == 0) {
      what.run();
    }
  }

  /** Blocks until the first signal. */
  void await() throws InterruptedException {
    asked.await();
  }

  /** Whether a signal came. */
  boolean came() {
    return asked.getCount() == 0;
  }

  private void came(int number) {
    if (count.incrementAndGet() > 1) {
      Runtime.getRuntime().halt(128 + number);
    }
    asked.countDown();
    action.run();
  }
}
