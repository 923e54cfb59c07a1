package kr.madang.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** Callers that ask a model without a pause, and check each answer by the version that it names. */
final class Asker implements AutoCloseable {
  private final Madang madang;
  private final String path;
  private final Expected expected;
  private final int columns;
  private final List<Thread> threads = new CopyOnWriteArrayList<>();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final AtomicLong answered = new AtomicLong();
  private final List<String> failed = new CopyOnWriteArrayList<>();
  private volatile boolean stopped;

  /** What a version adds to each number. */
  @FunctionalInterface
  interface Expected {
    double by(String version);
  }

  Asker(Madang madang, String model, int columns, int callers, Expected expected) {
    this.madang = madang;
    this.path = "/v2/models/" + model + "/infer";
    this.columns = columns;
    this.expected = expected;
    for (int i = 0; i < callers; i++) {
      long seed = i;
      threads.add(Thread.ofPlatform().name("asker-" + i).start(() -> ask(new Random(seed))));
    }
  }

  private void ask(Random random) {
    while (!stopped) {
      try {
        one(random);
      } catch (Exception e) {
        if (!stopped) {
          failed.add(e.toString());
        }
      }
    }
  }

  private void one(Random random) throws Exception {
    StringBuilder data = new StringBuilder();
    int[] numbers = new int[columns];
    for (int i = 0; i < columns; i++) {
      numbers[i] = random.nextInt(1_000);
      data.append(i == 0 ? "" : ",").append(numbers[i]);
    }
    HttpRequest request =
        madang
            .request(path)
            .POST(
                BodyPublishers.ofString(
                    "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,%d],\"datatype\":\"FP32\",\"data\":[%s]}]}"
                        .formatted(columns, data)))
            .build();
    HttpResponse<String> got = client.send(request, BodyHandlers.ofString());
    if (got.statusCode() != 200) {
      failed.add(got.statusCode() + " " + got.body());
      return;
    }
    JsonNode answer = Madang.JSON.readTree(got.body());
    double by = expected.by(answer.at("/model_version").asText());
    for (int i = 0; i < columns; i++) {
      double y = answer.at("/outputs/0/data/" + i).asDouble();
      if (Math.abs(y - numbers[i] - by) > 1e-3) {
        failed.add("wrong: " + got.body() + " to " + data);
      }
    }
    answered.incrementAndGet();
  }

  long answered() {
    return answered.get();
  }

  /** What was no answer, or a wrong one. */
  List<String> failed() {
    return failed;
  }

  @Override
  public void close() throws InterruptedException {
    stopped = true;
    for (Thread thread : threads) {
      thread.join();
    }
    client.shutdownNow();
  }
}
