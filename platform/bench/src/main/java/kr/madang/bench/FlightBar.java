package kr.madang.bench;

import ai.onnxruntime.OrtException;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import kr.madang.inference.OnnxBuilder;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.VectorUnloader;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.ipc.message.ArrowBuffer;
import org.apache.arrow.vector.ipc.message.ArrowRecordBatch;
import org.apache.arrow.vector.ipc.message.IpcOption;
import org.apache.arrow.vector.ipc.message.MessageSerializer;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.apache.arrow.vector.types.pojo.FieldType;

/**
 * Batches of 4,096 rows by Arrow Flight, there and back over one connection, against ONNX Runtime
 * alone on as many rows, turn about.
 */
final class FlightBar implements Bar {
  private static final int ROWS = 4_096;
  private static final int UNDER_WAY = 8;
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

  @Override
  public String name() {
    return "flight";
  }

  @Override
  public List<Figure> measure(boolean quick) throws Exception {
    Path model = Files.createTempFile("mlp", ".onnx");
    OnnxBuilder.perceptron(1, Perceptron.INPUTS, 64, 64, 1).write(model);
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    List<Figure> figures = new ArrayList<>();
    try (RootAllocator memory = new RootAllocator();
        Perceptron perceptron = new Perceptron(memory, List.of("window"));
        Perceptron.Raw raw = perceptron.raw(ROWS);
        Runtimes ours = Runtimes.serve("--grpc-port", Integer.toString(port))) {
      String token = HttpBar.install(ours, model);
      Metadata metadata = new Metadata();
      metadata.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
      ManagedChannel channel =
          NettyChannelBuilder.forAddress("127.0.0.1", port)
              .usePlaintext()
              .intercept(MetadataUtils.newAttachHeadersInterceptor(metadata))
              .build();
      try {
        for (int underWay : new int[] {1, UNDER_WAY}) {
          figures.add(compare(ours, channel, raw, underWay, quick));
        }
      } finally {
        channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
      }
    } finally {
      Files.delete(model);
    }
    return figures;
  }

  private static Figure compare(
      Runtimes server, ManagedChannel channel, Perceptron.Raw raw, int underWay, boolean quick)
      throws Exception {
    int batches = quick ? 20 : 200;
    int warm = quick ? 5 : 10;
    int rounds = quick ? 11 : 41;
    double[] ours = new double[rounds];
    double[] bare = new double[rounds];
    long cpu = 0;
    Stream stream = new Stream(channel, underWay);
    for (int round = -warm; round < rounds; round++) {
      long start = System.nanoTime();
      alone(raw, batches);
      long middle = System.nanoTime();
      long before = cpu(server);
      stream.run(batches);
      long end = System.nanoTime();
      if (round >= 0) {
        bare[round] = (middle - start) / 1e3 / batches;
        ours[round] = (end - middle) / 1e3 / batches;
        cpu += cpu(server) - before;
      }
    }
    stream.finish();
    Arrays.sort(ours);
    Arrays.sort(bare);
    return new Figure(
        "flight, %,d rows a batch, %d on the way".formatted(ROWS, underWay),
        ours[rounds / 2],
        "us/batch",
        bare[rounds / 2],
        "",
        cpu / 1e3 / rounds / batches,
        true);
  }

  private static void alone(Perceptron.Raw raw, int batches) throws OrtException {
    for (int i = 0; i < batches; i++) {
      raw.run();
    }
  }

  private static long cpu(Runtimes server) {
    return server.process().info().totalCpuDuration().orElse(Duration.ZERO).toNanos();
  }

  /** One {@code DoExchange}, with so many batches on the way at once. */
  private static final class Stream implements StreamObserver<byte[]> {
    private final byte[] batch;
    private final int underWay;
    private final Semaphore places;
    private final ClientCallStreamObserver<byte[]> out;
    private volatile String failed = "";

    Stream(ManagedChannel channel, int underWay) {
      this.underWay = underWay;
      places = new Semaphore(underWay);
      out =
          (ClientCallStreamObserver<byte[]>)
              ClientCalls.asyncBidiStreamingCall(
                  channel.newCall(
                      MethodDescriptor.<byte[], byte[]>newBuilder(BYTES, BYTES)
                          .setType(MethodDescriptor.MethodType.BIDI_STREAMING)
                          .setFullMethodName("arrow.flight.protocol.FlightService/DoExchange")
                          .build(),
                      CallOptions.DEFAULT),
                  this);
      try (RootAllocator memory = new RootAllocator();
          VectorSchemaRoot root = rows(memory);
          ArrowRecordBatch rows = new VectorUnloader(root).getRecordBatch()) {
        ByteBuffer schema =
            MessageSerializer.serializeMetadata(root.getSchema(), IpcOption.DEFAULT);
        out.onNext(
            joined(
                field(1, joined(field(3, utf8("models")), field(3, utf8("mlp")))),
                field(2, bytes(schema))));
        batch =
            joined(
                field(2, bytes(MessageSerializer.serializeMetadata(rows, IpcOption.DEFAULT))),
                field(1_000, body(rows)));
      }
    }

    /** Sends batches and waits for all answers. */
    void run(int batches) throws InterruptedException {
      for (int i = 0; i < batches; i++) {
        places.acquire();
        out.onNext(batch);
      }
      places.acquire(underWay);
      places.release(underWay);
      if (!failed.isEmpty()) {
        throw new IllegalStateException(failed);
      }
    }

    void finish() {
      out.onCompleted();
    }

    @Override
    public void onNext(byte[] answer) {
      if (answer.length > ROWS * Float.BYTES) {
        places.release();
      } else if (new String(answer, StandardCharsets.ISO_8859_1).contains("\"error\"")) {
        onError(new IllegalStateException(new String(answer, StandardCharsets.UTF_8)));
      }
      // else it is the schema of the answers
    }

    @Override
    public void onError(Throwable t) {
      failed = t.toString();
      places.release(1 << 20);
    }

    @Override
    public void onCompleted() {
      // all was answered before
    }
  }

  private static VectorSchemaRoot rows(RootAllocator memory) {
    Field item =
        Field.notNullable("item", new ArrowType.FloatingPoint(FloatingPointPrecision.SINGLE));
    Field field =
        new Field(
            "x",
            FieldType.notNullable(new ArrowType.FixedSizeList(Perceptron.INPUTS)),
            List.of(item));
    FixedSizeListVector lists = (FixedSizeListVector) field.createVector(memory);
    Float4Vector values = (Float4Vector) lists.getDataVector();
    for (int row = 0; row < ROWS; row++) {
      lists.setNotNull(row);
      for (int i = 0; i < Perceptron.INPUTS; i++) {
        values.setSafe(row * Perceptron.INPUTS + i, (row * 31 + i) % 17 / 17f);
      }
    }
    values.setValueCount(ROWS * Perceptron.INPUTS);
    lists.setValueCount(ROWS);
    return new VectorSchemaRoot(List.of(lists));
  }

  private static byte[] body(ArrowRecordBatch rows) {
    byte[] body = new byte[(int) rows.computeBodyLength()];
    List<ArrowBuffer> layout = rows.getBuffersLayout();
    for (int i = 0; i < layout.size(); i++) {
      int size = (int) layout.get(i).getSize();
      rows.getBuffers().get(i).getBytes(0, body, (int) layout.get(i).getOffset(), size);
    }
    return body;
  }

  private static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.get(bytes);
    return bytes;
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  /** A field of bytes as protobuf has it. */
  private static byte[] field(int number, byte[] value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    varint(out, number << 3 | 2);
    varint(out, value.length);
    out.writeBytes(value);
    return out.toByteArray();
  }

  private static void varint(ByteArrayOutputStream out, int value) {
    int left = value;
    while (left >= 0x80) {
      out.write(left & 0x7f | 0x80);
      left >>>= 7;
    }
    out.write(left);
  }
}
