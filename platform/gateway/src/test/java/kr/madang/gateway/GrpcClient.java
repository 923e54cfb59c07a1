package kr.madang.gateway;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;

/** Sends messages to the gRPC door of a house as they are, good or bad. */
final class GrpcClient implements AutoCloseable {
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

  private final ManagedChannel channel;

  GrpcClient(House house) {
    this(house, house.token);
  }

  GrpcClient(House house, String token) {
    Metadata metadata = new Metadata();
    metadata.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "Bearer " + token);
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", house.gateway.grpcPort().orElseThrow())
            .usePlaintext()
            .intercept(MetadataUtils.newAttachHeadersInterceptor(metadata))
            .build();
  }

  byte[] call(String method, byte[] message) {
    return call(method, message, 60_000);
  }

  byte[] call(String method, byte[] message, long millis) {
    return ClientCalls.blockingUnaryCall(
        channel,
        MethodDescriptor.<byte[], byte[]>newBuilder(BYTES, BYTES)
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("inference.GRPCInferenceService/" + method)
            .build(),
        CallOptions.DEFAULT.withDeadlineAfter(millis, TimeUnit.MILLISECONDS),
        message);
  }

  @Override
  public void close() throws InterruptedException {
    channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
  }
}
