package kr.madang.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.MetadataUtils;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import kr.madang.gateway.flight.FlightBytes;
import kr.madang.gateway.grpc.Messages;
import kr.madang.sdk.testkit.Await;
import org.jspecify.annotations.Nullable;

/** Talks to the Flight door in bytes, good or bad, and reads as fast or as slowly as is wanted. */
final class FlightWire implements AutoCloseable {
  private final ManagedChannel channel;

  FlightWire(House house) {
    Metadata metadata = new Metadata();
    metadata.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
        "Bearer " + house.token);
    channel =
        NettyChannelBuilder.forAddress("127.0.0.1", house.gateway.grpcPort().orElseThrow())
            .usePlaintext()
            .maxInboundMessageSize(64 << 20)
            .intercept(MetadataUtils.newAttachHeadersInterceptor(metadata))
            .build();
  }

  /** A call whose answers are read at once. */
  Talk talk(String method) {
    return talk(method, Integer.MAX_VALUE);
  }

  /**
   * A call.
   *
   * @param eager so many answers are read; for more they must be {@link Talk#read}
   */
  Talk talk(String method, int eager) {
    Talk talk = new Talk(eager);
    ClientCalls.asyncBidiStreamingCall(
        channel.newCall(method(method, MethodType.BIDI_STREAMING), CallOptions.DEFAULT), talk);
    return talk;
  }

  /** Asks for rows of a stage. */
  Talk get(String ticket, int eager) {
    Talk talk = new Talk(eager);
    ClientCalls.asyncServerStreamingCall(
        channel.newCall(method("DoGet", MethodType.SERVER_STREAMING), CallOptions.DEFAULT),
        FlightBytes.ticket(ticket),
        talk);
    return talk;
  }

  private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
    return MethodDescriptor.<byte[], byte[]>newBuilder(Messages.BYTES, Messages.BYTES)
        .setType(type)
        .setFullMethodName("arrow.flight.protocol.FlightService/" + name)
        .build();
  }

  /** One call. */
  static final class Talk implements ClientResponseObserver<byte[], byte[]> {
    private final int eager;
    private final List<byte[]> answers = new CopyOnWriteArrayList<>();
    private final CompletableFuture<Status> ended = new CompletableFuture<>();
    private @Nullable ClientCallStreamObserver<byte[]> out;

    private Talk(int eager) {
      this.eager = eager;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<byte[]> to) {
      out = to;
      to.disableAutoRequestWithInitial(eager);
    }

    @Override
    public void onNext(byte[] answer) {
      answers.add(answer);
    }

    @Override
    public void onError(Throwable t) {
      ended.complete(Status.fromThrowable(t));
    }

    @Override
    public void onCompleted() {
      ended.complete(Status.OK);
    }

    /** Sends a message, whether there is room for it or not. */
    Talk send(byte[] message) {
      out.onNext(message);
      return this;
    }

    /** Whether there is room for a message, or nobody to send it to. */
    boolean isReady() {
      return out.isReady() || ended.isDone();
    }

    Talk finish() {
      out.onCompleted();
      return this;
    }

    void cancel() {
      out.cancel("enough", null);
    }

    void read(int more) {
      out.request(more);
    }

    List<byte[]> answers() {
      return answers;
    }

    /** What is said with an answer, in this field of it. */
    JsonNode said(int number, int field) throws Exception {
      return FlightTest.JSON.readTree(FlightBytes.field(answers.get(number), field));
    }

    /** Waits for answers. */
    Talk until(int count) throws Exception {
      Await.until(count + " answers are there", () -> answers.size() >= count || ended.isDone());
      if (answers.size() < count) {
        throw new AssertionError("after %d answers: %s".formatted(answers.size(), ended.get()));
      }
      return this;
    }

    /** How the call ended. */
    Status ended() throws Exception {
      return ended.get(30, TimeUnit.SECONDS);
    }

    boolean hasEnded() {
      return ended.isDone();
    }
  }

  @Override
  public void close() throws InterruptedException {
    channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
  }
}
