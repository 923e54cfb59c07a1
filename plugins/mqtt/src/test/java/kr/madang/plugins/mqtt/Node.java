package kr.madang.plugins.mqtt;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** A script under {@code src/test/node} with the packages that npm has put there. */
final class Node implements AutoCloseable {
  private static final Path FOLDER = Path.of("src", "test", "node");

  private final Process process;
  private final Writer in;
  private final Thread reader;
  private final List<String> lines = new CopyOnWriteArrayList<>();

  private Node(Process process) {
    this.process = process;
    in = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
    reader = new Thread(this::read, "node-output");
    reader.start();
  }

  /** Whether node and the packages are there, and mosquitto too; says so if not. */
  static boolean installed() {
    boolean there = Files.isDirectory(FOLDER.resolve("node_modules/sparkplug-client"));
    if (!there) {
      System.out.println(
          "no packages under "
              + FOLDER
              + " (npm install): tests with the foreign Sparkplug are left out");
    }
    return there && Mosquitto.installed();
  }

  static Node run(String script, int port) throws IOException {
    return new Node(
        new ProcessBuilder("node", script, String.valueOf(port))
            .directory(FOLDER.toFile())
            .redirectErrorStream(true)
            .start());
  }

  private void read() {
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        lines.add(line);
      }
    } catch (IOException e) {
      lines.add("ended: " + e.getMessage());
    }
  }

  void tell(String command) throws IOException {
    in.write(command + "\n");
    in.flush();
  }

  List<String> lines() {
    return lines;
  }

  boolean said(String part) {
    return lines.stream().anyMatch(line -> line.contains(part));
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(5, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    reader.join();
  }
}
