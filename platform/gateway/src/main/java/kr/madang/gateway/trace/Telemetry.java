package kr.madang.gateway.trace;

import java.net.URI;

/**
 * Where spans go.
 *
 * @param otlp a collector of OpenTelemetry that takes OTLP over HTTP, such as {@code
 *     http://127.0.0.1:4318}
 * @param sample share of the calls and of the batches of pipelines that are traced, 0 to 1; calls
 *     that come as part of a trace follow its flag instead
 */
public record Telemetry(URI otlp, double sample) {
  /** Checks both. */
  public Telemetry {
    String scheme = otlp.getScheme();
    boolean http = scheme != null && (scheme.equals("http") || scheme.equals("https"));
    if (!http || otlp.getHost() == null || otlp.getUserInfo() != null) {
      throw new IllegalArgumentException(
          "otlp: expected an address such as http://127.0.0.1:4318, got '" + otlp + "'");
    }
    if (!(sample >= 0 && sample <= 1)) {
      throw new IllegalArgumentException("sample: expected a share from 0 to 1, got " + sample);
    }
  }
}
