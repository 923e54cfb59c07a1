package kr.madang.inference;

import static kr.madang.inference.Fixture.spec;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.config.Secret;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.CollectedOutput;
import kr.madang.sdk.testkit.FakeTransformContext;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.transform.Transform;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The center of these tests multiplies by ten, the model here gives back what it gets. */
final class CenterTest {
  private static final ArrowType FLOAT = new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE);
  private static final String HEADER = "Inference-Header-Content-Length";

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;
  private final Inference inference = Inference.open(InferenceOptions.defaults());
  private final AtomicReference<String> asked = new AtomicReference<>("");
  private HttpServer server;
  private int lie;
  private int status = 200;

  @AfterEach
  void stop() {
    if (server != null) {
      server.stop(0);
    }
    inference.close();
  }

  private int start(int port) throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    server.createContext(
        "/",
        exchange -> {
          byte[] body = exchange.getRequestBody().readAllBytes();
          int head = Integer.parseInt(exchange.getRequestHeaders().getFirst(HEADER));
          asked.set(
              exchange.getRequestURI()
                  + " "
                  + exchange.getRequestHeaders().getFirst("Authorization")
                  + " "
                  + new String(body, 0, head, StandardCharsets.UTF_8));
          ByteBuffer in =
              ByteBuffer.wrap(body, head, body.length - head)
                  .slice()
                  .order(ByteOrder.LITTLE_ENDIAN);
          byte[] json =
              "{\"model_name\":\"probe\",\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\"}]}"
                  .getBytes(StandardCharsets.UTF_8);
          ByteBuffer out =
              ByteBuffer.allocate(json.length + in.remaining() + lie)
                  .order(ByteOrder.LITTLE_ENDIAN)
                  .put(json);
          while (in.hasRemaining()) {
            out.putFloat(in.getFloat() * 10);
          }
          exchange.getResponseHeaders().set(HEADER, Integer.toString(json.length));
          exchange.sendResponseHeaders(status, out.capacity());
          exchange.getResponseBody().write(out.array());
          exchange.close();
        });
    server.start();
    return server.getAddress().getPort();
  }

  private Transform open(LoadedModel model, Batch batch, int port, boolean local) throws Exception {
    Center center =
        new Center(
            URI.create("http://127.0.0.1:" + port + "/"),
            Optional.of(new Secret("a-token")),
            Duration.ofSeconds(20),
            local,
            false);
    return inference
        .step(model, inference.tenant("default"))
        .open(
            new ModelStep.Config(List.of("a"), Map.of(), Optional.of(center), "modelAt"),
            batch.schema(),
            new FakeTransformContext(arrow.get()));
  }

  private LoadedModel load() throws Exception {
    return inference.load(
        spec("a"),
        OnnxBuilder.identity("float32", "n", 1).write(folder.resolve("model.onnx")),
        Optional.empty(),
        arrow.get());
  }

  private String result(Transform step, Batch batch) throws Exception {
    try (CollectedOutput out = new CollectedOutput()) {
      step.apply(batch, out);
      VectorSchemaRoot root = out.batches().getFirst().root();
      StringBuilder text = new StringBuilder();
      for (int row = 0; row < root.getRowCount(); row++) {
        text.append(root.getVector("y").getObject(row))
            .append(' ')
            .append(((VarCharVector) root.getVector("modelAt")).getObject(row))
            .append(' ');
      }
      return text.toString().strip();
    }
  }

  @Test
  void theCenterAnswersWhileItIsThereAndTheCopyHereWhileItIsNot() throws Exception {
    int port = start(0);
    try (LoadedModel model = load();
        Batch batch = new Fixture().column("a", FLOAT, 1, 2).batch(arrow.get());
        Transform step = open(model, batch, port, true)) {
      assertThat(result(step, batch)).isEqualTo("10.0 center 20.0 center");
      assertThat(asked.get())
          .startsWith("/v2/models/probe/versions/1.0.0/infer Bearer a-token {")
          .contains("\"shape\":[2,1]")
          .contains("\"binary_data_size\":8");
      server.stop(0);
      assertThat(result(step, batch)).isEqualTo("1.0 local 2.0 local");
      start(port);
      Await.until(
          "the center is asked again", () -> result(step, batch).equals("10.0 center 20.0 center"));
    }
  }

  @Test
  void whatACenterAnswersWrongIsNotTaken() throws Exception {
    int port = start(0);
    lie = 4;
    try (LoadedModel model = load();
        Batch batch = new Fixture().column("a", FLOAT, 1, 2).batch(arrow.get());
        Transform step = open(model, batch, port, true);
        Transform strict = open(model, batch, port, false)) {
      assertThat(result(step, batch)).isEqualTo("1.0 local 2.0 local");
      assertThatThrownBy(() -> result(strict, batch))
          .isInstanceOfSatisfying(
              PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PROTOCOL))
          .hasMessageContaining("expected 8 bytes of outputs for 2 rows, got 12");
    }
  }

  @Test
  void withoutACopyTheRowsAreTriedAgainUntilTheCenterIsBack() throws Exception {
    int port = start(0);
    try (LoadedModel model = load();
        Batch batch = new Fixture().column("a", FLOAT, 1, 2).batch(arrow.get());
        Transform step = open(model, batch, port, false)) {
      status = 429;
      assertThatThrownBy(() -> result(step, batch))
          .isInstanceOfSatisfying(
              PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.EXHAUSTED));
      status = 400;
      assertThatThrownBy(() -> result(step, batch))
          .isInstanceOfSatisfying(
              PluginException.class,
              e -> assertThat(e.code().retriable()).as("no row will ever fit").isFalse());
      server.stop(0);
      assertThatThrownBy(() -> result(step, batch))
          .isInstanceOfSatisfying(
              PluginException.class, e -> assertThat(e.code().retriable()).isTrue())
          .hasMessageContaining("cannot be reached");
      status = 200;
      start(port);
      assertThat(result(step, batch)).isEqualTo("10.0 center 20.0 center");
    }
  }

  @Test
  void aTokenDoesNotCrossANetworkInClearText() {
    Center open =
        new Center(
            URI.create("http://192.0.2.1:8080"),
            Optional.of(new Secret("a-token")),
            Duration.ofSeconds(1),
            true,
            false);
    assertThatThrownBy(
            () -> new CenterClient(open, "m", "1.0.0", org.slf4j.LoggerFactory.getLogger("test")))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("at.url: expected https");
  }
}
