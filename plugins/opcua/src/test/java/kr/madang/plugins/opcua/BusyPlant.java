package kr.madang.plugins.opcua;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.eclipse.milo.opcua.stack.core.NodeIds;

/**
 * A server whose values change without end, for {@code platform/bench}: {@code BusyPlant TAGS
 * ROUNDS_A_SECOND FOLDER}. Puts its certificate into the folder, prints its port and the id of its
 * process, and ends with its standard input.
 */
final class BusyPlant {
  private static final int TURNS_A_SECOND = 10;

  private BusyPlant() {}

  public static void main(String[] arguments) throws Exception {
    int tags = Integer.parseInt(arguments[0]);
    int rounds = Integer.parseInt(arguments[1]) / TURNS_A_SECOND;
    Plant.Setup setup = new Plant.Setup();
    setup.port = Plant.freePort();
    setup.secured = true;
    PssProvider.acquire(); // Milo's server needs it as well.
    try (Plant plant = new Plant(setup)) {
      for (int i = 0; i < tags; i++) {
        plant.add("t" + i, NodeIds.Double, 0.0);
      }
      Files.write(Path.of(arguments[2], "plant.der"), setup.certificate.getEncoded());
      System.out.println(setup.port + " " + ProcessHandle.current().pid());
      Thread end = Thread.ofVirtual().start(BusyPlant::awaitEnd);
      double value = 0;
      while (end.isAlive()) {
        long next = System.nanoTime() + TimeUnit.SECONDS.toNanos(1) / TURNS_A_SECOND;
        for (int round = 0; round < rounds; round++) {
          plant.pushAll(++value);
        }
        LockSupport.parkNanos(next - System.nanoTime());
      }
    }
    System.exit(0);
  }

  private static void awaitEnd() {
    try {
      System.in.readAllBytes();
    } catch (IOException e) {
      // Ended all the same.
    }
  }
}
