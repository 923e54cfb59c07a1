package kr.madang.inference;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.slf4j.Logger;

/**
 * Sends the rows of a step to a center, by the binary extension of the Open Inference Protocol, and
 * brings back what it answers. One thread at a time. After a failure it is left alone for a while,
 * from 1 s to 30 s.
 */
final class CenterClient implements AutoCloseable {
  private static final String HEADER = "Inference-Header-Content-Length";
  private static final long FIRST_PAUSE = 1_000_000_000L;
  private static final long LONGEST_PAUSE = 30_000_000_000L;

  private final Center center;
  private final String model;
  private final URI address;
  private final Logger log;
  private final HttpClient http;
  private long nextTry = System.nanoTime();
  private long pause = FIRST_PAUSE;
  private boolean away;

  /** Connects to nothing yet. */
  CenterClient(Center center, String name, String version, Logger log) {
    this.center = center;
    this.model = name + "@" + version;
    this.log = log;
    this.address = address(center.url(), name, version);
    if (center.token().isPresent() && !center.insecure() && !safe(center.url())) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "at.url: expected https, or a loopback address, since a token is sent; got "
              + center.url()
              + "; say insecure: true to send it in clear text");
    }
    http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(center.timeout())
            .build();
  }

  private static URI address(URI url, String name, String version) {
    String scheme = String.valueOf(url.getScheme());
    if (!scheme.equals("http") && !scheme.equals("https") || url.getHost() == null) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "at.url: expected an address such as https://center.example, got '" + url + "'");
    }
    String base = url.toString().replaceAll("/+$", "");
    return URI.create(
        base + "/v2/models/" + encoded(name) + "/versions/" + encoded(version) + "/infer");
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private static boolean safe(URI url) {
    try {
      return "https".equals(url.getScheme())
          || InetAddress.getByName(url.getHost()).isLoopbackAddress();
    } catch (IOException e) {
      return false;
    }
  }

  /**
   * Runs the rows that the inputs have placed; the outputs then hold theirs.
   *
   * @return false if the copy here is to answer
   * @throws PluginException why not, where there is no copy to fall back on
   */
  boolean run(List<InputTensor> inputs, List<OutputTensor> outputs, int rows)
      throws InterruptedException {
    if (center.local() && System.nanoTime() - nextTry < 0) {
      return false;
    }
    try {
      exchange(inputs, outputs, rows);
      if (away) {
        log.info("model {}: {} answers again", model, center.url());
      }
      away = false;
      pause = FIRST_PAUSE;
      return true;
    } catch (PluginException e) {
      nextTry = System.nanoTime() + pause;
      pause = Math.min(LONGEST_PAUSE, pause * 2);
      if (!center.local()) {
        throw e;
      }
      if (!away) {
        log.warn("model {}: the copy here answers from now on: {}", model, e.getMessage());
      }
      away = true;
      return false;
    }
  }

  private void exchange(List<InputTensor> inputs, List<OutputTensor> outputs, int rows)
      throws InterruptedException {
    byte[] head = head(inputs, outputs, rows).getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.writeBytes(head);
    for (InputTensor input : inputs) {
      byte[] bytes = new byte[Math.toIntExact(rows * input.rowBytes())];
      Memory.view(input.base(), bytes.length).get(bytes);
      body.writeBytes(bytes);
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address)
            .timeout(center.timeout())
            .header("Content-Type", "application/octet-stream")
            .header(HEADER, Integer.toString(head.length))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()));
    center
        .token()
        .ifPresent(token -> request.header("Authorization", "Bearer " + token.value().strip()));
    HttpResponse<byte[]> response;
    try {
      response = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
    } catch (HttpTimeoutException e) {
      throw new PluginException(
          ErrorCode.TIMEOUT,
          "%s did not answer within %d ms".formatted(center.url(), center.timeout().toMillis()),
          e);
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.UNREACHABLE, "%s cannot be reached: %s".formatted(center.url(), e), e);
    }
    if (response.statusCode() != 200) {
      throw refused(response);
    }
    take(response, outputs, rows);
  }

  private static String head(List<InputTensor> inputs, List<OutputTensor> outputs, int rows) {
    StringBuilder head = new StringBuilder("{\"inputs\":[");
    for (int i = 0; i < inputs.size(); i++) {
      InputTensor input = inputs.get(i);
      head.append(i == 0 ? "" : ",")
          .append("{\"name\":\"")
          .append(escaped(input.spec().tensor()))
          .append("\",\"datatype\":\"")
          .append(input.spec().type().protocol())
          .append("\",\"shape\":[")
          .append(rows);
      for (long dimension : input.rowShape()) {
        head.append(',').append(dimension);
      }
      head.append("],\"parameters\":{\"binary_data_size\":")
          .append(rows * input.rowBytes())
          .append("}}");
    }
    head.append("],\"outputs\":[");
    for (int i = 0; i < outputs.size(); i++) {
      head.append(i == 0 ? "" : ",")
          .append("{\"name\":\"")
          .append(escaped(outputs.get(i).spec().tensor()))
          .append("\",\"parameters\":{\"binary_data\":true}}");
    }
    return head.append("]}").toString();
  }

  private static String escaped(String name) {
    return name.replace("\\", "\\\\").replace("\"", "\\\"");
  }

  /** The outputs stand behind the header in the order that was asked for. */
  private void take(HttpResponse<byte[]> response, List<OutputTensor> outputs, int rows) {
    byte[] body = response.body();
    int at = response.headers().firstValue(HEADER).map(CenterClient::number).orElse(-1);
    long expected = at;
    for (OutputTensor output : outputs) {
      expected += rows * output.rowBytes();
    }
    if (at < 0 || expected != body.length) {
      throw new PluginException(
          ErrorCode.PROTOCOL,
          "%s: expected %d bytes of outputs for %d rows, got %d"
              .formatted(center.url(), expected - Math.max(0, at), rows, body.length - at));
    }
    String head = new String(body, 0, at, StandardCharsets.UTF_8);
    for (OutputTensor output : outputs) {
      if (!head.contains('"' + output.spec().type().protocol() + '"')) {
        throw new PluginException(
            ErrorCode.PROTOCOL,
            "%s: output '%s': expected %s, got %s"
                .formatted(
                    center.url(),
                    output.spec().tensor(),
                    output.spec().type().protocol(),
                    head.substring(0, Math.min(200, head.length()))));
      }
      int bytes = Math.toIntExact(rows * output.rowBytes());
      ByteBuffer to = Memory.view(output.base(), bytes).order(ByteOrder.nativeOrder());
      to.put(body, at, bytes);
      at += bytes;
    }
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private PluginException refused(HttpResponse<byte[]> response) {
    int status = response.statusCode();
    String said = new String(response.body(), StandardCharsets.UTF_8);
    String text =
        "%s answered %d: %s"
            .formatted(center.url(), status, said.substring(0, Math.min(300, said.length())));
    ErrorCode code =
        switch (status) {
          case 400, 422 -> ErrorCode.SCHEMA_MISFIT;
          case 429, 503, 507 -> ErrorCode.EXHAUSTED;
          case 504 -> ErrorCode.TIMEOUT;
          // what is unknown or forbidden there may be put right there
          default -> ErrorCode.UNREACHABLE;
        };
    return new PluginException(code, text);
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
