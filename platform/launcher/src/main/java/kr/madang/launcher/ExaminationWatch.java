package kr.madang.launcher;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import kr.madang.sdk.error.PluginException;

/** Says on standard error how far models have come that the runtime examines meanwhile. */
final class ExaminationWatch implements AutoCloseable {
  private static final long EVERY_MILLIS = 1_000;

  private final ApiClient api;
  private final Map<String, String> said = new HashMap<>();
  private final Thread thread;

  ExaminationWatch(ApiClient api) {
    this.api = api;
    this.thread = Thread.ofVirtual().start(this::watch);
  }

  private void watch() {
    try {
      while (true) {
        Thread.sleep(EVERY_MILLIS);
        api.get("/api/v1/examinations").path("examinations").forEach(this::say);
      }
    } catch (InterruptedException | PluginException e) {
      // what it is about has ended, or will tell of the same trouble
    }
  }

  private void say(JsonNode one) {
    String model = one.path("name").asText() + "@" + one.path("version").asText();
    String stage = one.path("stage").asText();
    if (!stage.equals(said.put(model, stage))) {
      System.err.printf("%s: %s, %d s so far%n", model, stage, one.path("seconds").asLong());
    }
  }

  @Override
  public void close() throws InterruptedException {
    thread.interrupt();
    thread.join(Duration.ofSeconds(5));
  }
}
