package kr.madang.gateway.grpc;

import com.google.protobuf.CodedInputStream;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;
import kr.madang.control.Caller;
import kr.madang.control.Control;
import kr.madang.control.ModelStanding;
import kr.madang.control.ServedModel;
import kr.madang.gateway.oip.Refusal;
import kr.madang.gateway.oip.Status;
import kr.madang.gateway.trace.Tracing;
import kr.madang.sdk.error.PluginException;

/** The methods of the protocol. */
final class Calls {
  static final String SERVICE = "inference.GRPCInferenceService";

  final Control control;
  final Executor blocking;
  final BiFunction<Throwable, String, String> incident;
  final Tracing tracing;
  private final String version;
  private final BooleanSupplier ready;

  Calls(
      Control control,
      String version,
      Executor blocking,
      BooleanSupplier ready,
      BiFunction<Throwable, String, String> incident,
      Tracing tracing) {
    this.control = control;
    this.version = version;
    this.blocking = blocking;
    this.ready = ready;
    this.incident = incident;
    this.tracing = tracing;
  }

  /** Answers a message; may block. */
  @FunctionalInterface
  private interface Verb {
    byte[] answer(Caller caller, Named named);
  }

  /** What most requests say: a model and a version, each in the field that the message has it. */
  private record Named(String first, String second, boolean flag) {
    static Named read(byte[] message) {
      String[] texts = {"", ""};
      boolean[] flag = {false};
      Wire.read(
          message,
          0,
          message.length,
          (field, in) -> {
            if (field == 3 && (in.getLastTag() & 7) == 2) {
              parameter(in);
              return true;
            }
            if (field > 2 || (in.getLastTag() & 7) != 2) {
              if (field == 2) {
                flag[0] = in.readBool();
              }
              return field == 2;
            }
            texts[field - 1] = in.readStringRequireUtf8();
            return true;
          });
      return new Named(texts[0], texts[1], flag[0]);
    }

    /** Of the load of a model: none of them is offered, so that none may be left out unseen. */
    private static void parameter(CodedInputStream in) throws IOException {
      Wire.nested(
          in,
          (field, entry) -> {
            String name = field == 1 ? entry.readStringRequireUtf8() : "";
            if (name.equals("config") || name.startsWith("file:")) {
              throw new Refusal(
                  Status.INVALID,
                  "parameter '%s' is not offered: models come by POST /api/v1/models or with plugins"
                      .formatted(name.startsWith("file:") ? "file:" : name));
            }
            return field == 1;
          });
    }
  }

  ServerServiceDefinition service() {
    ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(SERVICE);
    service.addMethod(method("ServerLive"), now(message -> flag(true)));
    service.addMethod(method("ServerReady"), now(message -> flag(ready.getAsBoolean())));
    service.addMethod(method("ServerMetadata"), now(message -> server()));
    service.addMethod(
        method("ModelReady"),
        later((caller, named) ->
            flag(control.serving().ready(caller, named.first(), named.second()))));
    service.addMethod(method("ModelMetadata"), later(this::metadata));
    service.addMethod(method("ModelStatistics"), later(this::statistics));
    service.addMethod(method("ModelConfig"), later(this::config));
    service.addMethod(method("RepositoryIndex"), later(this::index));
    service.addMethod(
        method("RepositoryModelLoad"),
        later((caller, named) -> {
          control.serving().load(caller, named.second());
          return new byte[0];
        }));
    service.addMethod(
        method("RepositoryModelUnload"),
        later((caller, named) -> {
          control.serving().unload(caller, named.second());
          return new byte[0];
        }));
    service.addMethod(
        method("TraceSetting"),
        read((caller, message) -> TraceMessages.answer(this, caller, message)));
    service.addMethod(
        method("ModelInfer"),
        ServerCalls.asyncUnaryCall((message, to) ->
            Inferring.unary(this, message, (ServerCallStreamObserver<byte[]>) to)));
    service.addMethod(
        method(SERVICE, "ModelStreamInfer", MethodType.BIDI_STREAMING),
        ServerCalls.asyncBidiStreamingCall(
            to -> Inferring.stream(this, (ServerCallStreamObserver<byte[]>) to)));
    return service.build();
  }

  /** {@code grpc.health.v1}, for probes: the process as a whole. */
  ServerServiceDefinition health() {
    String name = "grpc.health.v1.Health";
    return ServerServiceDefinition.builder(name)
        .addMethod(
            method(name, "Check", MethodType.UNARY),
            now(message -> {
              String service = Named.read(message).first();
              if (!service.isEmpty() && !service.equals(SERVICE)) {
                throw new Refusal(Status.NOT_FOUND, "there is no service '" + service + "'");
              }
              return Wire.message(out -> out.number(1, ready.getAsBoolean() ? 1 : 2));
            }))
        .build();
  }

  private static MethodDescriptor<byte[], byte[]> method(String name) {
    return method(SERVICE, name, MethodType.UNARY);
  }

  private static MethodDescriptor<byte[], byte[]> method(
      String service, String name, MethodType type) {
    return MethodDescriptor.<byte[], byte[]>newBuilder(Messages.BYTES, Messages.BYTES)
        .setType(type)
        .setFullMethodName(MethodDescriptor.generateFullMethodName(service, name))
        .build();
  }

  /** Answers a message at once. */
  @FunctionalInterface
  private interface Plain {
    byte[] answer(byte[] message);
  }

  private io.grpc.ServerCallHandler<byte[], byte[]> now(Plain plain) {
    return ServerCalls.asyncUnaryCall((message, to) -> answer(to, () -> plain.answer(message)));
  }

  private io.grpc.ServerCallHandler<byte[], byte[]> later(Verb verb) {
    return read((caller, message) -> verb.answer(caller, Named.read(message)));
  }

  private io.grpc.ServerCallHandler<byte[], byte[]> read(BiFunction<Caller, byte[], byte[]> verb) {
    return ServerCalls.asyncUnaryCall((message, to) -> {
      Caller caller = TokenCheck.CALLER.get();
      // without a handler an answer to a client that has left would be an error
      ((ServerCallStreamObserver<byte[]>) to).setOnCancelHandler(() -> {});
      blocking.execute(() -> answer(to, () -> verb.apply(caller, message)));
    });
  }

  private void answer(StreamObserver<byte[]> to, java.util.function.Supplier<byte[]> work) {
    try {
      byte[] bytes = work.get();
      to.onNext(bytes);
      to.onCompleted();
    } catch (RuntimeException | Error e) {
      to.onError(error(e));
    }
  }

  /** What a client is told of an error. */
  StatusRuntimeException error(Throwable error) {
    return Errors.of(refusal(error));
  }

  Refusal refusal(Throwable error) {
    return switch (error) {
      case Refusal known -> known;
      case PluginException known -> Refusal.of(known);
      default -> new Refusal(Status.BUG, incident.apply(error, SERVICE));
    };
  }

  private static byte[] flag(boolean value) {
    return Wire.message(out -> out.flag(1, value));
  }

  private byte[] server() {
    return Wire.message(out -> {
      out.text(1, "madang")
          .text(2, version)
          .item(3, "classification")
          .item(3, "model_configuration")
          .item(3, "model_repository")
          .item(3, "schedule_policy")
          .item(3, "statistics");
      if (tracing.on()) {
        out.item(3, "trace");
      }
    });
  }

  private byte[] metadata(Caller caller, Named named) {
    try (ServedModel model = control.serving().open(caller, named.first(), named.second())) {
      List<String> versions = control.serving().versions(caller, named.first());
      return Pages.metadata(model, versions);
    }
  }

  private byte[] config(Caller caller, Named named) {
    try (ServedModel model = control.serving().open(caller, named.first(), named.second())) {
      return Pages.config(model);
    }
  }

  private byte[] statistics(Caller caller, Named named) {
    List<ModelStanding> all =
        control.serving().index(caller).stream()
            .filter(one -> named.first().isEmpty() || one.name().equals(named.first()))
            .filter(one -> named.second().isEmpty() || one.version().equals(named.second()))
            .toList();
    if (all.isEmpty() && !named.first().isEmpty()) {
      throw new Refusal(Status.NOT_FOUND, "there is no model '" + named.first() + "'");
    }
    return Pages.statistics(all);
  }

  private byte[] index(Caller caller, Named named) {
    return Pages.index(control.serving().index(caller), named.flag());
  }
}
