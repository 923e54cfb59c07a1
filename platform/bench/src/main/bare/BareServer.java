import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.vertx.core.DeploymentOptions;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * The least server that answers the same request: Vert.x, a JSON parser and ONNX Runtime with
 * tensors made once; no token, no limit, no figure, no check. It is run
 * as a source file on the libraries of the distribution: {@code java -cp 'lib/*' BareServer.java
 * MODEL.onnx}
 */
final class BareServer {
  private static final JsonFactory JSON = new JsonFactory();

  private BareServer() {}

  public static void main(String[] args) throws Exception {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setIntraOpNumThreads(1);
    OrtSession session = environment.createSession(args[0], options);
    int loops = Runtime.getRuntime().availableProcessors();
    Vertx vertx =
        Vertx.vertx(new VertxOptions().setEventLoopPoolSize(loops).setPreferNativeTransport(false));
    vertx
        .deployVerticle(
            () -> new Door(environment, session), new DeploymentOptions().setInstances(loops))
        .toCompletionStage()
        .toCompletableFuture()
        .get(20, TimeUnit.SECONDS);
  }

  private static final class Door extends VerticleBase {
    private final OrtSession session;
    private final ByteBuffer in = ByteBuffer.allocateDirect(32).order(ByteOrder.nativeOrder());
    private final ByteBuffer out = ByteBuffer.allocateDirect(4).order(ByteOrder.nativeOrder());
    private final Map<String, OnnxTensor> inputs;
    private final Map<String, OnnxTensor> outputs;

    Door(OrtEnvironment environment, OrtSession session) {
      this.session = session;
      try {
        inputs =
            Map.of(
                "x",
                OnnxTensor.createTensor(environment, in, new long[] {1, 8}, OnnxJavaType.FLOAT));
        outputs =
            Map.of(
                "y",
                OnnxTensor.createTensor(environment, out, new long[] {1, 1}, OnnxJavaType.FLOAT));
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public Future<?> start() {
      return vertx
          .createHttpServer()
          .requestHandler(request ->
              request
                  .body()
                  .onSuccess(body ->
                      request
                          .response()
                          .putHeader("Content-Type", "application/json")
                          .end(Buffer.buffer(answer(body.getBytes())))))
          .listen(-1, "127.0.0.1")
          .onSuccess(Door::say);
    }

    private static void say(HttpServer server) {
      System.out.println("madang ready on http://127.0.0.1:" + server.actualPort());
    }

    private String answer(byte[] body) {
      try (JsonParser parser = JSON.createParser(body)) {
        int at = 0;
        boolean data = false;
        for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
          if (token == JsonToken.FIELD_NAME) {
            data = parser.currentName().equals("data");
          } else if (data && token.isNumeric()) {
            in.putFloat(at, parser.getFloatValue());
            at += 4;
          }
        }
        session.run(inputs, Set.of(), outputs).close();
      } catch (IOException | OrtException e) {
        throw new IllegalStateException(e);
      }
      return "{\"model_name\":\"mlp\",\"outputs\":[{\"name\":\"y\",\"shape\":[1,1],\"datatype\":\"FP32\",\"data\":["
          + out.getFloat(0)
          + "]}]}";
    }
  }
}
