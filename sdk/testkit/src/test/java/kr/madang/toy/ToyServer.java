package kr.madang.toy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import kr.madang.sdk.testkit.contract.Device;

/**
 * A far side that speaks lines: {@code GET tag}, {@code AFTER number}, {@code NEXT} (the event that
 * was not settled yet), {@code SETTLE number}, {@code SKIP}, {@code PUT tag value}, {@code STORE
 * key line}.
 */
public final class ToyServer implements Device {
  private record Event(int number, String line) {}

  private final ServerSocket server;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final List<Event> events = new ArrayList<>();
  private final Map<String, String> last = new HashMap<>();
  private final Map<String, Double> commanded = new HashMap<>();
  private final List<String> stored = new ArrayList<>();
  private final Set<String> keys = new HashSet<>();
  private int settled;

  ToyServer() throws IOException {
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofPlatform().daemon().name("toy-server").start(this::accept);
  }

  @Override
  public int port() {
    return server.getLocalPort();
  }

  @Override
  public List<String> tags() {
    return List.of("a", "b");
  }

  @Override
  public synchronized void write(String tag, double value, int status, Instant time) {
    String line = tag + " " + value + " " + status + " " + time;
    last.put(tag, line);
    events.add(new Event(events.size() + 1, line));
  }

  @Override
  public synchronized double read(String tag) {
    return commanded.getOrDefault(tag, Double.NaN);
  }

  /** What was stored. */
  synchronized List<String> stored() {
    return List.copyOf(stored);
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        Socket socket = server.accept();
        socket.setTcpNoDelay(true);
        open.add(socket);
        Thread.ofPlatform().daemon().name("toy-server").start(() -> serve(socket));
      } catch (IOException e) {
        // Closed.
      }
    }
  }

  private void serve(Socket socket) {
    try (socket;
        BufferedReader in =
            new BufferedReader(
                new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
      OutputStream out = socket.getOutputStream();
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        out.write((answer(line.split(" ", 3)) + "\n").getBytes(StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      // The far side or the test closed it.
    } finally {
      open.remove(socket);
    }
  }

  private synchronized String answer(String[] request) {
    return switch (request[0]) {
      case "GET" -> last.getOrDefault(request[1], "-");
      case "AFTER" -> event(Integer.parseInt(request[1]));
      case "NEXT" -> event(Math.max(settled, Integer.parseInt(request[1])));
      case "SETTLE" -> {
        settled = Math.max(settled, Integer.parseInt(request[1]));
        yield "ok";
      }
      case "SKIP" -> {
        settled = events.size();
        yield "ok";
      }
      case "PUT" -> {
        commanded.put(request[1], Double.parseDouble(request[2]));
        yield "ok " + request[2];
      }
      case "STORE" -> {
        if (keys.add(request[1])) {
          stored.add(request[2]);
        }
        yield "ok " + ".".repeat(100);
      }
      case "LIST" -> String.join(" ", tags());
      default -> "what?";
    };
  }

  private String event(int after) {
    return after >= events.size() ? "-" : events.get(after).number + " " + events.get(after).line;
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
