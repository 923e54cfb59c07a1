package kr.madang.gateway.trace;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanBuilder;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import kr.madang.inference.StepRun;

/** Makes spans of what was noted. Any thread. */
final class Spans implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofSeconds(5);

  /** Tells of each failure with its stack; {@link Outbox} tells of the first and the last. */
  private static final Logger NOISE = Logger.getLogger("io.opentelemetry");

  private final Outbox outbox;
  private final SdkTracerProvider provider;
  private final Tracer tracer;

  /** Nanoseconds since 1970 at the nought of {@code System.nanoTime()}. */
  private final long nought;

  private Spans(Outbox outbox, SdkTracerProvider provider, InstantSource clock) {
    this.outbox = outbox;
    this.provider = provider;
    this.tracer = provider.get("kr.madang.gateway");
    Instant now = clock.instant();
    this.nought = now.getEpochSecond() * 1_000_000_000 + now.getNano() - System.nanoTime();
  }

  static Spans open(Telemetry to, String version, InstantSource clock, Executor background) {
    NOISE.setLevel(Level.OFF);
    String endpoint = to.otlp().toString().replaceAll("/+$", "") + "/v1/traces";
    Outbox outbox =
        new Outbox(
            endpoint,
            OtlpHttpSpanExporter.builder()
                .setEndpoint(endpoint)
                .setTimeout(TIMEOUT)
                // what comes next is worth more than what has failed
                .setRetryPolicy(null)
                .build());
    SdkTracerProvider provider =
        SdkTracerProvider.builder()
            .setResource(
                Resource.create(
                    Attributes.builder()
                        .put("service.name", "madang")
                        .put("service.version", version)
                        .build()))
            // what comes here was chosen before
            .setSampler(Sampler.alwaysOn())
            .addSpanProcessor(outbox)
            .build();
    background.execute(outbox::run);
    return new Spans(outbox, provider, clock);
  }

  Outbox outbox() {
    return outbox;
  }

  /** A span for the call, and one below it for each stage that it came to. */
  void call(CallTrace call) {
    long end = System.nanoTime();
    SpanBuilder builder =
        tracer
            .spanBuilder(call.door.span)
            .setSpanKind(SpanKind.SERVER)
            .setParent(parent(call))
            .setStartTimestamp(nought + call.began, TimeUnit.NANOSECONDS)
            .setAttribute("madang.workspace", call.workspace)
            .setAttribute("madang.model", call.model)
            .setAttribute("madang.version", call.version);
    if (call.door == CallTrace.Door.HTTP) {
      builder
          .setAttribute("http.request.method", "POST")
          .setAttribute("http.route", "/v2/models/{model}/infer")
          .setAttribute("http.response.status_code", (long) call.status);
    } else {
      builder
          .setAttribute("rpc.system", "grpc")
          .setAttribute("rpc.service", "inference.GRPCInferenceService")
          .setAttribute("rpc.method", "ModelInfer")
          .setAttribute("rpc.grpc.status_code", (long) call.status);
    }
    if (call.answered != 0) {
      builder.setAttribute("madang.rows_together", call.together);
    }
    if (!call.error.isEmpty()) {
      builder.setAttribute("error.type", call.error);
    }
    Span span = builder.startSpan();
    if (!call.error.isEmpty()) {
      span.setStatus(StatusCode.ERROR);
    }
    if (call.answered != 0) {
      Context within = Context.root().with(span);
      long ran = call.answered - call.ran;
      long batched = ran - call.batched;
      stage(within, "queue", batched - call.queued, batched);
      stage(within, "batch", batched, ran);
      stage(within, "run", ran, call.answered);
      stage(within, "render", call.answered, end);
    }
    span.end(nought + end, TimeUnit.NANOSECONDS);
  }

  private void stage(Context within, String name, long from, long to) {
    tracer
        .spanBuilder(name)
        .setParent(within)
        .setStartTimestamp(nought + from, TimeUnit.NANOSECONDS)
        .startSpan()
        .end(nought + to, TimeUnit.NANOSECONDS);
  }

  private static Context parent(CallTrace call) {
    String text = call.parent;
    return text == null
        ? Context.root()
        : Context.root()
            .with(
                Span.wrap(
                    SpanContext.createFromRemoteParent(
                        text.substring(3, 35),
                        text.substring(36, 52),
                        TraceFlags.getSampled(),
                        TraceState.getDefault())));
  }

  /** A span for a batch of a pipeline. */
  void step(StepRun run) {
    Span span =
        tracer
            .spanBuilder("model step")
            .setSpanKind(SpanKind.INTERNAL)
            .setParent(Context.root())
            .setStartTimestamp(nought + run.began(), TimeUnit.NANOSECONDS)
            .setAttribute("madang.workspace", run.place().workspace())
            .setAttribute("madang.pipeline", run.place().pipeline())
            .setAttribute("madang.step", run.place().step())
            .setAttribute("madang.model", run.model())
            .setAttribute("madang.version", run.version())
            .setAttribute("madang.rows", run.rows())
            .setAttribute("madang.at_center", run.atCenter())
            .startSpan();
    if (!run.atCenter()) {
      Context within = Context.root().with(span);
      long ran = run.ended() - run.runNanos();
      stage(within, "queue", ran - run.queuedNanos(), ran);
      stage(within, "run", ran, run.ended());
    }
    span.end(nought + run.ended(), TimeUnit.NANOSECONDS);
  }

  @Override
  public void close() {
    provider.close();
  }
}
