package kr.madang.launcher;

import java.net.URI;
import java.util.Optional;
import kr.madang.gateway.trace.Telemetry;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;

/** Where spans of OpenTelemetry go; {@code telemetry} in {@code madang.yaml}. */
record TelemetrySettings(
    @Doc("A collector that takes OTLP over HTTP: http://HOST:4318; without it nothing is traced.")
        Optional<URI> otlp,
    @Doc("Share of calls and of batches of pipelines that are traced, 0 to 1.")
        @Default("0.01")
        @Range(min = 0, max = 1)
        double sample) {

  TelemetrySettings {
    otlp.ifPresent(to -> new Telemetry(to, sample));
  }

  /** What the doors are given. */
  Optional<Telemetry> options() {
    return otlp.map(to -> new Telemetry(to, sample));
  }
}
