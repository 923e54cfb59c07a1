package kr.madang.gateway.grpc;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Optional;
import java.util.Set;
import kr.madang.control.Caller;
import kr.madang.control.Control;

/** Lets nobody in without a token; only whether the process lives is told to everybody. */
final class TokenCheck implements ServerInterceptor {
  static final Context.Key<Caller> CALLER = Context.key("caller");

  /** The trace that a call is part of, if it says so. */
  static final Context.Key<String> TRACEPARENT = Context.key("traceparent");

  private static final Metadata.Key<String> PARENT =
      Metadata.Key.of("traceparent", Metadata.ASCII_STRING_MARSHALLER);
  private static final Metadata.Key<String> AUTHORIZATION =
      Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);
  private static final Set<String> OPEN =
      Set.of(Calls.SERVICE + "/ServerLive", "grpc.health.v1.Health/Check");

  private final Control control;

  TokenCheck(Control control) {
    this.control = control;
  }

  @Override
  public <A, B> ServerCall.Listener<A> interceptCall(
      ServerCall<A, B> call, Metadata headers, ServerCallHandler<A, B> next) {
    if (OPEN.contains(call.getMethodDescriptor().getFullMethodName())) {
      return next.startCall(call, headers);
    }
    String given = headers.get(AUTHORIZATION);
    Optional<Caller> caller =
        given == null || !given.regionMatches(true, 0, "Bearer ", 0, 7)
            ? Optional.empty()
            : control.access().authenticate(given.substring(7).strip());
    if (caller.isEmpty()) {
      call.close(
          Status.UNAUTHENTICATED.withDescription(
              "this needs a valid token in the metadata 'authorization: Bearer TOKEN'"),
          new Metadata());
      return new ServerCall.Listener<>() {};
    }
    Context context = Context.current().withValue(CALLER, caller.get());
    String parent = headers.get(PARENT);
    return Contexts.interceptCall(
        parent == null ? context : context.withValue(TRACEPARENT, parent), call, headers, next);
  }
}
