package kr.madang.sdk.testkit.contract;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import kr.madang.sdk.StageFactory;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Secret;
import kr.madang.sdk.error.Blame;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.CollectedVerification;
import kr.madang.sdk.testkit.Descriptors;
import kr.madang.sdk.testkit.ManualClock;
import kr.madang.sdk.testkit.PluginThreads;
import kr.madang.sdk.testkit.TestAllocator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is expected of stages of every kind.
 *
 * @param <C> the config
 */
public abstract class StageContract<C> {
  private static final boolean WHOLE = "whole".equals(System.getProperty("madang.contracts"));
  private static final Set<String> SECRETS =
      Set.of("password", "passphrase", "secret", "token", "apikey");

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  final ManualClock clock = new ManualClock();
  @TempDir Path folder;

  /** Only the kinds of this package. */
  @SuppressWarnings("NullAway.Init") // the folder is set by JUnit
  StageContract() {}

  /** The factory under test. */
  protected abstract StageFactory<C> factory();

  /**
   * A config that works and whose own time-outs are short or, better, left to the host. Must not
   * use fields of the test: it is also called on an instance of another class loader.
   */
  protected abstract C config(Place place);

  /**
   * Configs that cannot be used, each with the name of the field at fault: {@code "port", () -> new
   * Config("host", -1)}. Making one may throw, which is the best place to find it.
   */
  protected abstract Map<String, Callable<C>> wrongConfigs(Place place);

  /** What this stage declares that it cannot do. */
  protected Set<Capability> lacks() {
    return Set.of();
  }

  /**
   * Clauses, by name, that take long here and of which others say the most: run only with {@code
   * -Dmadang.contracts=whole}.
   */
  protected Set<String> slow() {
    return Set.of();
  }

  @BeforeEach
  final void leaveOutWhatIsSlow(TestInfo info) {
    Set<String> slow = slow();
    Set<String> clauses = new HashSet<>();
    for (Class<?> type = getClass(); type != null; type = type.getSuperclass()) {
      for (Method method : type.getDeclaredMethods()) {
        clauses.add(method.getName());
      }
    }
    assertThat(clauses).as("clauses").containsAll(slow);
    String clause = info.getTestMethod().map(Method::getName).orElse("");
    Assumptions.assumeTrue(
        WHOLE || !slow.contains(clause), "slow: only with -Dmadang.contracts=whole");
  }

  /** How long anything may take that ends by itself; longer than every time-out of the config. */
  protected Duration patience() {
    return Duration.ofSeconds(10);
  }

  /**
   * How often something is done that must leave nothing behind; fewer where one life takes long.
   */
  protected int lives() {
    return 10;
  }

  /** Fails if about each life, or more, has left a descriptor. */
  final void assertNoDescriptorLeft(long before) {
    Descriptors.assertAtMost(before + lives() / 3, patience());
  }

  /** The time-out of one exchange that the contexts of the contract say. */
  protected Duration timeout() {
    return Duration.ofSeconds(1);
  }

  /** The same for the first use of classes that were just loaded. */
  final Duration longTimeout() {
    return timeout().multipliedBy(5);
  }

  /** The same where nobody answers, so that nobody needs it. */
  final Duration shortTimeout() {
    return timeout().dividedBy(4);
  }

  /** Where a config without a far side leads. */
  final Place nowhere() {
    return new Place(1, folder);
  }

  final boolean has(Capability capability) {
    return !lacks().contains(capability);
  }

  final void expects(Capability... capabilities) {
    for (Capability each : capabilities) {
      Assumptions.assumeTrue(has(each), () -> "denied: " + each);
    }
  }

  final PluginThreads threads() {
    return new PluginThreads("plugin-under-test", patience());
  }

  /** Fails unless this is an error of the far side after which the host tries again. */
  static void assertRetriable(String when, @Nullable Throwable failure) {
    assertThat(failure).as(when).isInstanceOf(PluginException.class);
    if (failure instanceof PluginException thrown) {
      assertThat(thrown.code().retriable())
          .as("%s: retriable, got %s: %s", when, thrown.code(), thrown.getMessage())
          .isTrue();
      assertThat(thrown.code().blame())
          .as("%s: not a bug, got %s", when, thrown.getMessage())
          .isNotEqualTo(Blame.BUG);
      assertReadable(when, thrown.getMessage());
    }
  }

  private static void assertReadable(String when, @Nullable String message) {
    assertThat(message).as("%s: a message for people", when).isNotBlank();
    assertThat(message)
        .as("%s: a message without classes or stack traces", when)
        .doesNotContain("\tat ")
        .doesNotContain("Exception:");
  }

  @Test
  final void theNameCanBeSaidInAPipeline() {
    assertThat(factory().name()).matches("[a-z0-9][a-z0-9._-]{0,62}");
    assertThat(factory().title()).isNotBlank();
  }

  @Test
  final void theConfigIsARecordInWhichEachFieldIsDocumented() {
    assertThat(factory().config().isRecord()).as("%s is a record", factory().config()).isTrue();
    List<String> undocumented = new ArrayList<>();
    for (RecordComponent component : components(factory().config(), new HashSet<>())) {
      Doc doc = component.getAnnotation(Doc.class);
      if (doc == null || doc.value().isBlank()) {
        undocumented.add(
            component.getDeclaringRecord().getSimpleName() + "." + component.getName());
      }
    }
    assertThat(undocumented).as("fields without @Doc").isEmpty();
  }

  @Test
  final void passwordsAreSecrets() {
    List<String> open = new ArrayList<>();
    for (RecordComponent component : components(factory().config(), new HashSet<>())) {
      if (SECRETS.contains(component.getName().toLowerCase(Locale.ROOT))
          && !component.getGenericType().getTypeName().contains(Secret.class.getName())) {
        open.add(component.getName() + " is " + component.getGenericType());
      }
    }
    assertThat(open).as("fields that must be a Secret").isEmpty();
  }

  private static List<RecordComponent> components(Class<?> type, Set<Class<?>> seen) {
    List<RecordComponent> all = new ArrayList<>();
    if (type.isRecord() && type != Secret.class && seen.add(type)) {
      for (RecordComponent component : type.getRecordComponents()) {
        all.add(component);
        all.addAll(inside(component.getGenericType(), seen));
      }
    }
    return all;
  }

  private static List<RecordComponent> inside(Type type, Set<Class<?>> seen) {
    List<RecordComponent> all = new ArrayList<>();
    switch (type) {
      case Class<?> plain -> all.addAll(components(plain, seen));
      case ParameterizedType generic -> {
        for (Type argument : generic.getActualTypeArguments()) {
          all.addAll(inside(argument, seen));
        }
      }
      default -> {}
    }
    return all;
  }

  @Test
  final void aWrongConfigIsFoundBeforeOpeningAndItsFieldIsNamed() throws Exception {
    Map<String, Callable<C>> wrong = wrongConfigs(nowhere());
    assertThat(wrong.isEmpty() && factory().config().getRecordComponents().length > 0)
        .as("name at least one wrong config")
        .isFalse();
    for (Map.Entry<String, Callable<C>> each : wrong.entrySet()) {
      String field = each.getKey();
      String found = threads().call("verify", () -> fault(each.getValue()));
      assertThat(found).as("what is said of a wrong %s", field).contains(field);
    }
  }

  /** What is said of a config, by itself or by what is called before opening; empty if nothing. */
  private String fault(Callable<C> making) throws Exception {
    C config;
    try {
      config = making.call();
    } catch (IllegalArgumentException e) {
      return String.valueOf(e.getMessage());
    } catch (PluginException e) {
      assertThat(e.code().blame()).as(e.getMessage()).isEqualTo(Blame.CONFIG);
      return String.valueOf(e.getMessage());
    }
    try {
      check(config);
    } catch (PluginException e) {
      assertThat(e.code().blame()).as(e.getMessage()).isEqualTo(Blame.CONFIG);
      return String.valueOf(e.getMessage());
    }
    CollectedVerification verification = new CollectedVerification();
    factory().verify(config, verification);
    return String.join("\n", failed(verification));
  }

  /** What the host asks of a config before opening, beside {@code verify}. */
  void check(C config) throws Exception {}

  /** The steps that did not pass. */
  static List<String> failed(CollectedVerification verification) {
    return verification.results().stream()
        .filter(step -> !step.endsWith(": ok") && !step.endsWith(": skipped"))
        .toList();
  }
}
