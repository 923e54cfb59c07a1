package kr.madang.sdk.testkit.contract;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import kr.madang.sdk.testkit.proxy.Fault;
import kr.madang.sdk.testkit.proxy.FaultProxy;
import org.jspecify.annotations.Nullable;

/** A far side and, where it is reached over a network, the proxy before it. */
final class Scene<D extends FarSide> implements AutoCloseable {
  private final D device;
  private final boolean ours;
  private final @Nullable FaultProxy proxy;
  private final Place place;

  Scene(D device, Path folder) throws Exception {
    this.device = device;
    try {
      ours = device.proxy().isEmpty();
      proxy = ours && device.port() == 0 ? null : proxy(device);
      set(new Fault.Pass());
    } catch (IOException e) {
      device.close();
      throw e;
    }
    place = new Place(proxy == null ? 0 : proxy.port(), folder);
  }

  private static FaultProxy proxy(FarSide device) throws IOException {
    Optional<FaultProxy> own = device.proxy();
    return own.isPresent() ? own.get() : FaultProxy.to(device.port());
  }

  D device() {
    return device;
  }

  Place place() {
    return place;
  }

  FaultProxy proxy() {
    if (proxy == null) {
      throw new IllegalStateException("the device has no port; give one, or deny NETWORK");
    }
    return proxy;
  }

  void set(Fault fault) throws IOException {
    if (proxy != null || !(fault instanceof Fault.Pass)) {
      proxy().set(fault);
    }
  }

  @Override
  public void close() throws Exception {
    try (device) {
      if (proxy != null && ours) {
        proxy.close();
      } else if (proxy != null) {
        proxy.set(new Fault.Pass());
        proxy.cut();
      }
    }
  }
}
