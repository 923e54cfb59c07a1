package kr.madang.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedOutputStream;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import kr.madang.gateway.trace.Telemetry;
import kr.madang.inference.OnnxBuilder;
import kr.madang.sdk.testkit.Await;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spans of calls and of steps, read by a collector. */
class TraceTest {
  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String SPAN = "00f067aa0ba902b7";

  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  @TempDir Path home;

  private House house(URI to, double sample) throws Exception {
    House house =
        new House(
            home, GatewayOptions.Limits.DEFAULT, false, Optional.of(new Telemetry(to, sample)));
    new Brain("brain", "1.0.0")
        .model("echo", "1.0.0", OnnxBuilder.identity("float32", "n", 1), "x")
        .install(house);
    return house;
  }

  private static int infer(House house, String model, String parent) throws Exception {
    var request =
        house
            .request("/v2/models/" + model + "/infer")
            .POST(BodyPublishers.ofString(Models.request("FP32", "[2,1]", "[1,2]")));
    if (!parent.isEmpty()) {
      request.header("traceparent", parent);
    }
    HttpResponse<String> got = house.send(request);
    return got.statusCode();
  }

  private static Collector.Span server(Collector collector, int number) throws Exception {
    Await.until("a span has come", () -> calls(collector).size() > number);
    return calls(collector).get(number);
  }

  private static List<Collector.Span> calls(Collector collector) {
    return collector.spans.stream().filter(span -> span.kind() == 2).toList();
  }

  @Test
  void aCallThatIsPartOfATraceIsASpanInItWithItsStagesBelow() throws Exception {
    Instant before = Instant.now();
    try (Collector collector = new Collector();
        House house = house(collector.uri(), 0)) {
      for (String parent :
          List.of(
              "",
              "00-" + TRACE + "-" + SPAN + "-00",
              "00-" + TRACE + "-0000000000000000-01",
              "00-" + TRACE.toUpperCase(java.util.Locale.ROOT) + "-" + SPAN + "-01",
              "00-" + TRACE + "-" + SPAN + "-01-more",
              "nonsense")) {
        assertThat(infer(house, "echo", parent)).isEqualTo(200);
      }
      assertThat(infer(house, "echo", "00-" + TRACE + "-" + SPAN + "-01")).isEqualTo(200);
      Collector.Span span = server(collector, 0);
      Await.until("its stages have come", () -> collector.spans.size() >= 5);
      assertThat(collector.spans).as("the others were not wanted").hasSize(5);
      assertThat(span.trace()).isEqualTo(TRACE);
      assertThat(span.parent()).isEqualTo(SPAN);
      assertThat(span.name()).isEqualTo("POST /v2/models/{model}/infer");
      assertThat(span.attributes())
          .containsEntry("madang.model", "echo")
          .containsEntry("madang.version", "1.0.0")
          .containsEntry("madang.workspace", "default")
          .containsEntry("madang.rows_together", 2L)
          .containsEntry("http.response.status_code", 200L);
      assertThat(collector.resource).containsEntry("service.name", "madang");
      List<Collector.Span> stages = collector.below(span);
      assertThat(stages)
          .extracting(Collector.Span::name)
          .containsExactly("queue", "batch", "run", "render");
      long last = span.start();
      for (Collector.Span stage : stages) {
        assertThat(stage.trace()).isEqualTo(TRACE);
        assertThat(stage.start()).isGreaterThanOrEqualTo(last);
        assertThat(stage.end()).isBetween(stage.start(), span.end());
        last = stage.end();
      }
      assertThat(Duration.between(before, Instant.ofEpochSecond(0, span.start())))
          .isBetween(Duration.ofSeconds(-1), Duration.ofMinutes(2));
    }
  }

  @Test
  void callsByGrpcAndCallsThatFailAreSpansToo() throws Exception {
    try (Collector collector = new Collector();
        House house = house(collector.uri(), 1)) {
      assertThat(infer(house, "nothing", "")).isEqualTo(404);
      Collector.Span refused = server(collector, 0);
      assertThat(refused.status()).isEqualTo(2);
      assertThat(refused.parent()).isEmpty();
      assertThat(refused.attributes())
          .containsEntry("http.response.status_code", 404L)
          .containsEntry("error.type", "NOT_FOUND");
      assertThat(collector.below(refused)).isEmpty();

      grpc(house, "00-" + TRACE + "-" + SPAN + "-01");
      Collector.Span span = server(collector, 1);
      assertThat(span.name()).isEqualTo("inference.GRPCInferenceService/ModelInfer");
      assertThat(span.trace()).isEqualTo(TRACE);
      assertThat(span.parent()).isEqualTo(SPAN);
      assertThat(span.attributes())
          .containsEntry("rpc.grpc.status_code", 0L)
          .containsEntry("madang.model", "echo");
      Await.until("its stages have come", () -> collector.below(span).size() == 4);
      assertThat(house.get("/metrics").body())
          .contains("madang_spans_total{end=\"exported\"} 6.0")
          .contains("madang_spans_total{end=\"dropped\"} 0.0");
    }
  }

  private static void grpc(House house, String parent) throws Exception {
    Metadata metadata = new Metadata();
    metadata.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
        "Bearer " + house.token);
    metadata.put(Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER), parent);
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", house.gateway.grpcPort().orElseThrow())
            .usePlaintext()
            .intercept(MetadataUtils.newAttachHeadersInterceptor(metadata))
            .build();
    try {
      byte[] answer =
          ClientCalls.blockingUnaryCall(
              channel,
              MethodDescriptor.<byte[], byte[]>newBuilder(BYTES, BYTES)
                  .setType(MethodDescriptor.MethodType.UNARY)
                  .setFullMethodName("inference.GRPCInferenceService/ModelInfer")
                  .build(),
              CallOptions.DEFAULT.withDeadlineAfter(60, TimeUnit.SECONDS),
              inferRequest());
      assertThat(answer).isNotEmpty();
    } finally {
      channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
    }
  }

  /** {@code ModelInferRequest} of one row, raw. */
  private static byte[] inferRequest() throws IOException {
    ByteArrayOutputStream tensor = new ByteArrayOutputStream();
    CodedOutputStream in = CodedOutputStream.newInstance(tensor);
    in.writeString(1, "x");
    in.writeString(2, "FP32");
    in.writeByteArray(3, new byte[] {1, 1});
    in.flush();
    ByteArrayOutputStream request = new ByteArrayOutputStream();
    CodedOutputStream out = CodedOutputStream.newInstance(request);
    out.writeString(1, "echo");
    out.writeByteArray(5, tensor.toByteArray());
    out.writeByteArray(7, new byte[4]);
    out.flush();
    return request.toByteArray();
  }

  @Test
  void batchesOfAPipelineAreSpans() throws Exception {
    try (Collector collector = new Collector();
        House house = house(collector.uri(), 1)) {
      assertThat(house.install("toy", "1.0.0").statusCode()).isEqualTo(201);
      HttpResponse<String> made =
          house.post(
              "/api/v1/workspaces/default/pipelines",
              "application/yaml",
              """
              pipeline: watched
              source: { use: toy/counter, config: { every: 5ms } }
              steps:
                - align: { every: 10ms, fields: { x: { tag: count } } }
                - model: { use: echo }
              sinks: [ { use: toy/oblivion } ]
              """);
      assertThat(made.statusCode()).as(made.body()).isEqualTo(201);
      Await.until(
          "a batch has come",
          Duration.ofSeconds(60),
          () -> collector.spans.stream().anyMatch(span -> span.name().equals("model step")));
      Collector.Span step =
          collector.spans.stream()
              .filter(span -> span.name().equals("model step"))
              .findFirst()
              .orElseThrow();
      assertThat(step.kind()).as("internal").isEqualTo(1);
      assertThat(step.attributes())
          .containsEntry("madang.workspace", "default")
          .containsEntry("madang.pipeline", "watched")
          .containsEntry("madang.model", "echo")
          .containsEntry("madang.at_center", false);
      Await.until("its stages have come", () -> collector.below(step).size() == 2);
    }
  }

  @Test
  void aCollectorThatIsAwayCostsSpansAndNothingElse() throws Exception {
    URI dead;
    try (Collector collector = new Collector()) {
      dead = collector.uri();
    }
    try (House house = house(dead, 1)) {
      for (int i = 0; i < 20; i++) {
        assertThat(infer(house, "echo", "")).isEqualTo(200);
      }
      Await.until(
          "all have failed",
          Duration.ofSeconds(60),
          () -> house.get("/metrics").body().contains("madang_spans_total{end=\"failed\"} 100.0"));
    }
  }
}
