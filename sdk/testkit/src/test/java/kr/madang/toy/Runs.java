package kr.madang.toy;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.lang.reflect.Method;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import kr.madang.sdk.testkit.contract.Told;
import org.junit.jupiter.api.Test;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

/** Runs contracts inside of a test. */
final class Runs {
  /** Whether a wrong plugin is run against all clauses: {@code -Dmadang.flaws=whole}. */
  static final boolean WHOLE = "whole".equals(System.getProperty("madang.flaws"));

  private static final int AT_ONCE = 16;

  private Runs() {}

  /** How long a call into a toy may take; nobody waits for it where all is right. */
  static Duration patience() {
    return Told.nothing() ? Duration.ofSeconds(10) : Duration.ofSeconds(1);
  }

  /** How long a toy waits for its server. */
  static Duration timeout() {
    return Told.nothing() ? Duration.ofSeconds(1) : Duration.ofMillis(250);
  }

  /**
   * What fails for each plugin that is wrong, many at once since most of the time they wait.
   *
   * @param alone those for which descriptors are counted
   */
  static <W extends Wrong> Map<W, Set<String>> failures(
      Collection<W> flaws, Set<W> alone, Function<W, Class<?>> contract) throws Exception {
    Map<W, Future<Set<String>>> running = new LinkedHashMap<>();
    try (ExecutorService many = Executors.newFixedThreadPool(AT_ONCE);
        ExecutorService one = Executors.newSingleThreadExecutor()) {
      for (W flaw : flaws) {
        if (!alone.contains(flaw)) {
          running.put(flaw, many.submit(() -> failures(flaw, contract.apply(flaw))));
        }
      }
      many.shutdown();
      many.awaitTermination(5, TimeUnit.MINUTES);
      for (W flaw : alone) {
        running.put(flaw, one.submit(() -> failures(flaw, contract.apply(flaw))));
      }
    }
    Map<W, Set<String>> failures = new LinkedHashMap<>();
    for (Map.Entry<W, Future<Set<String>>> each : running.entrySet()) {
      failures.put(each.getKey(), each.getValue().get());
    }
    return failures;
  }

  private static Set<String> failures(Wrong flaw, Class<?> contract) {
    Told.say(flaw.name());
    try {
      return (WHOLE ? failures(contract) : failures(contract, flaw.clauses())).keySet();
    } finally {
      Told.say("");
    }
  }

  /** The clauses that fail, each with what it says. */
  static Map<String, Throwable> failures(Class<?> contract) {
    return run(selectClass(contract));
  }

  /** Those of some clauses that fail. */
  static Map<String, Throwable> failures(Class<?> contract, Collection<String> clauses) {
    return run(
        clauses.stream()
            .map(clause -> selectMethod(contract, clause))
            .toArray(DiscoverySelector[]::new));
  }

  private static Map<String, Throwable> run(DiscoverySelector... selectors) {
    Map<String, Throwable> failures = new TreeMap<>();
    EngineTestKit.engine("junit-jupiter")
        .selectors(selectors)
        .execute()
        .testEvents()
        .failed()
        .stream()
        .forEach(event -> failures.put(name(event), thrown(event)));
    return failures;
  }

  private static String name(Event event) {
    return event.getTestDescriptor().getDisplayName().replace("()", "");
  }

  private static Throwable thrown(Event event) {
    return event
        .getPayload(TestExecutionResult.class)
        .flatMap(TestExecutionResult::getThrowable)
        .orElseGet(AssertionError::new);
  }

  /** The names of all clauses of a contract. */
  static Set<String> clauses(Class<?> contract) {
    Set<String> names = new TreeSet<>();
    for (Class<?> type = contract; type != Object.class; type = type.getSuperclass()) {
      names.addAll(declared(type));
    }
    return names;
  }

  /** The names of the clauses that a contract adds. */
  static Set<String> declared(Class<?> contract) {
    Set<String> names = new TreeSet<>();
    for (Method method : contract.getDeclaredMethods()) {
      if (method.isAnnotationPresent(Test.class)) {
        names.add(method.getName());
      }
    }
    return names;
  }
}
