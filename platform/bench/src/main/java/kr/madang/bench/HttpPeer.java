package kr.madang.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Another server for inference over HTTP, as a process of its own. */
record HttpPeer(Process process, URI url) implements AutoCloseable {

  static HttpPeer bare(Path model) throws Exception {
    Path home = Runtimes.distribution().resolve("../../").normalize();
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:+UseCompactObjectHeaders",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-Dvertx.disableDnsResolver=true",
                "-Dio.netty.jfr.enabled=false",
                "-Donnxruntime.native.path=" + home.resolve("native"),
                "-cp",
                home.resolve("lib") + "/*",
                sources("bare").resolve("BareServer.java").toString(),
                model.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    BufferedReader out = process.inputReader();
    String line = out.readLine();
    if (line == null) {
      throw new IllegalStateException("the bare server did not start");
    }
    return new HttpPeer(process, URI.create(line.substring("madang ready on ".length())));
  }

  /** The sources of servers that are not part of this jar. */
  private static Path sources(String kind) throws URISyntaxException {
    return Runtimes.distribution()
        .resolve("../../../../../bench/src/main")
        .resolve(kind)
        .normalize();
  }

  static HttpPeer fastApi(String python, Path model) throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Process process =
        new ProcessBuilder(
                python, "fastapi_server.py", model.toString(), Integer.toString(port), "2")
            .directory(sources("python").toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    URI url = URI.create("http://127.0.0.1:" + port);
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest ready = HttpRequest.newBuilder(url.resolve("/ready")).build();
      for (int i = 0; i < 200; i++) {
        try {
          client.send(ready, BodyHandlers.discarding());
          return new HttpPeer(process, url);
        } catch (IOException e) {
          process.waitFor(100, TimeUnit.MILLISECONDS);
        }
      }
    }
    process.destroy();
    throw new IllegalStateException("the FastAPI server did not start");
  }

  @Override
  public void close() throws InterruptedException {
    process.destroy();
    process.waitFor(10, TimeUnit.SECONDS);
  }
}
