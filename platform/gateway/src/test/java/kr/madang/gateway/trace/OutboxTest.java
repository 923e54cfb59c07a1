package kr.madang.gateway.trace;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import kr.madang.sdk.testkit.Await;
import org.junit.jupiter.api.Test;

class OutboxTest {
  /** Takes nothing until it is let. */
  private static final class Stuck implements SpanExporter {
    final CountDownLatch asked = new CountDownLatch(1);
    final CompletableResultCode answer = new CompletableResultCode();

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
      asked.countDown();
      return answer;
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  @Test
  void soManyWaitAndNoMoreAndTheOthersAreCounted() throws Exception {
    Stuck stuck = new Stuck();
    Outbox outbox = new Outbox("http://test", stuck);
    Thread sender = Thread.ofVirtual().start(outbox::run);
    try (SdkTracerProvider provider =
        SdkTracerProvider.builder().addSpanProcessor(outbox).build()) {
      Tracer tracer = provider.get("test");
      tracer.spanBuilder("first").startSpan().end();
      assertThat(stuck.asked.await(20, TimeUnit.SECONDS)).isTrue();
      for (int i = 0; i < Outbox.MOST + 100; i++) {
        tracer.spanBuilder("more").startSpan().end();
      }
      assertThat(outbox.dropped()).isEqualTo(100);
      stuck.answer.succeed();
      Await.until("all are sent", () -> outbox.exported() == Outbox.MOST + 1);
      assertThat(outbox.failed()).isZero();
    }
    assertThat(sender.join(java.time.Duration.ofSeconds(20))).isTrue();
  }

  @Test
  void onlyWhatIsATraceparentIsTakenForOne() {
    String good = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    assertThat(Tracing.isValid(good)).isTrue();
    assertThat(Tracing.isValid("01" + good.substring(2) + "-what-comes")).isTrue();
    for (int i = 0; i < good.length(); i++) {
      for (String wrong : new String[] {"", "x", "-", "é", "A"}) {
        String text = good.substring(0, i) + wrong + good.substring(i + 1);
        if (!text.equals(good)) {
          assertThat(Tracing.isValid(text)).as(text).isFalse();
        }
      }
    }
    assertThat(Tracing.isValid("ff" + good.substring(2))).isFalse();
    assertThat(Tracing.isValid(good + "-more")).isFalse();
    assertThat(Tracing.isValid("00-" + "0".repeat(32) + "-00f067aa0ba902b7-01")).isFalse();
    assertThat(Tracing.isValid("")).isFalse();
  }
}
