package kr.madang.gateway.flight;

import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.function.BiFunction;
import kr.madang.control.Caller;
import kr.madang.control.Control;
import kr.madang.gateway.grpc.Errors;
import kr.madang.gateway.grpc.Messages;
import kr.madang.gateway.grpc.TokenCheck;
import kr.madang.gateway.oip.Refusal;
import kr.madang.gateway.oip.Status;
import kr.madang.sdk.error.PluginException;

/**
 * The methods of Arrow Flight. Messages are read where they lie: what arrives is checked before
 * anything is made of it, and nothing waits beyond what a stream may have.
 */
public final class FlightDoor implements AutoCloseable {
  private static final String SERVICE = "arrow.flight.protocol.FlightService";

  /** Of all clients together. */
  private static final int STREAMS = 256;

  final Control control;
  final Executor blocking;
  private final BiFunction<Throwable, String, String> incident;
  private final Semaphore places = new Semaphore(STREAMS);
  private final Set<Incoming> incoming = ConcurrentHashMap.newKeySet();
  private volatile boolean closing;

  /**
   * Serves what control has.
   *
   * @param blocking runs what may block, on a virtual thread of its own
   * @param incident logs what nobody expected, at a method, and gives back what a client is told
   */
  public FlightDoor(
      Control control, Executor blocking, BiFunction<Throwable, String, String> incident) {
    this.control = control;
    this.blocking = blocking;
    this.incident = incident;
  }

  /** Streams end when what is under way is answered. */
  @Override
  public void close() {
    closing = true;
    incoming.forEach(Incoming::more);
  }

  boolean closing() {
    return closing;
  }

  /** What a server is to offer. */
  public ServerServiceDefinition service() {
    Listing listing = new Listing(control);
    return ServerServiceDefinition.builder(SERVICE)
        .addMethod(
            method("ListFlights", MethodType.SERVER_STREAMING),
            ServerCalls.asyncServerStreamingCall((message, to) ->
                later(to, caller -> listing.all(caller, message).forEach(to::onNext))))
        .addMethod(
            method("GetFlightInfo", MethodType.UNARY),
            ServerCalls.asyncUnaryCall(
                (message, to) -> later(to, caller -> to.onNext(listing.info(caller, message)))))
        .addMethod(
            method("GetSchema", MethodType.UNARY),
            ServerCalls.asyncUnaryCall(
                (message, to) -> later(to, caller -> to.onNext(listing.schema(caller, message)))))
        .addMethod(
            method("ListActions", MethodType.SERVER_STREAMING),
            ServerCalls.asyncServerStreamingCall((_, to) -> to.onCompleted()))
        .addMethod(
            method("DoGet", MethodType.SERVER_STREAMING),
            ServerCalls.asyncServerStreamingCall(
                (message, to) -> get(message, (ServerCallStreamObserver<byte[]>) to)))
        .addMethod(
            method("DoPut", MethodType.BIDI_STREAMING),
            ServerCalls.asyncBidiStreamingCall(to ->
                begin((ServerCallStreamObserver<byte[]>) to, stream -> new Put(this, stream))))
        .addMethod(
            method("DoExchange", MethodType.BIDI_STREAMING),
            ServerCalls.asyncBidiStreamingCall(to ->
                begin((ServerCallStreamObserver<byte[]>) to, stream -> new Exchange(this, stream))))
        .build();
  }

  private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
    return MethodDescriptor.<byte[], byte[]>newBuilder(Messages.BYTES, Messages.BYTES)
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
        .build();
  }

  /** Answers a caller; may block. */
  @FunctionalInterface
  private interface Answering {
    void to(Caller caller);
  }

  private void later(StreamObserver<byte[]> to, Answering work) {
    Caller caller = TokenCheck.caller();
    // without a handler an answer to a client that has left would be an error
    ((ServerCallStreamObserver<byte[]>) to).setOnCancelHandler(() -> {});
    blocking.execute(() -> {
      try {
        work.to(caller);
        to.onCompleted();
      } catch (RuntimeException | Error e) {
        to.onError(Errors.of(refusal(e)));
      }
    });
  }

  private void get(byte[] message, ServerCallStreamObserver<byte[]> to) {
    if (!places.tryAcquire()) {
      to.onError(Errors.of(crowded()));
      return;
    }
    Get get = new Get(this, TokenCheck.caller(), to);
    blocking.execute(() -> {
      try {
        get.run(message);
      } finally {
        places.release();
      }
    });
  }

  /** Makes what answers a stream. */
  @FunctionalInterface
  private interface Made {
    Incoming of(ServerCallStreamObserver<byte[]> to);
  }

  private StreamObserver<byte[]> begin(ServerCallStreamObserver<byte[]> to, Made made) {
    if (!places.tryAcquire()) {
      to.onError(Errors.of(crowded()));
      return new Unheard();
    }
    Incoming stream = made.of(to);
    incoming.add(stream);
    stream.begin(() -> {
      incoming.remove(stream);
      places.release();
    });
    return stream;
  }

  private static Refusal crowded() {
    return new Refusal(
        Status.QUOTA, "all " + STREAMS + " streams are taken; close one and try again");
  }

  /** A client that is refused may go on talking for a while. */
  private static final class Unheard implements StreamObserver<byte[]> {
    @Override
    public void onNext(byte[] message) {
      // nobody listens
    }

    @Override
    public void onError(Throwable t) {
      // nobody listens
    }

    @Override
    public void onCompleted() {
      // nobody listens
    }
  }

  Refusal refusal(Throwable error) {
    return switch (error) {
      case Refusal known -> known;
      case PluginException known -> Refusal.of(known);
      default -> new Refusal(Status.BUG, incident.apply(error, SERVICE));
    };
  }
}
