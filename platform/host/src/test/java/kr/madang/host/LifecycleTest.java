package kr.madang.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LifecycleTest {
  private static final String V = "1.0.0";

  @TempDir private Path temp;
  private PluginHost host;

  @BeforeEach
  void open() throws IOException {
    host = PluginHost.open(Hosts.trusting(temp));
  }

  @AfterEach
  void close() {
    host.close();
  }

  private void install(String body) throws IOException {
    host.install(PluginZip.withSource("p", V, body).zip(temp));
  }

  /** A host that waits a second for calls: for plugins that hang for ever. */
  private void openHasty() throws IOException {
    host.close();
    Duration second = Duration.ofSeconds(1);
    host = PluginHost.open(Hosts.trusting(temp).withTimeouts(second, second, second));
  }

  private static PluginException failure(Runnable call) {
    try {
      call.run();
    } catch (PluginException e) {
      return e;
    }
    throw new AssertionError("nothing was thrown");
  }

  @Test
  void aPluginLivesFromInstallToUninstall() throws IOException {
    install(
        """
        static final List<String> LIFE = new ArrayList<>();
        public Entry() { LIFE.add("constructed"); }
        public void start(PluginContext c) {
          LIFE.add(c.id() + " " + c.version() + " " + java.nio.file.Files.isRegularFile(c.home().resolve("plugin.properties")) + " " + (c.logger() != null));
        }
        static Object answer(String q) { return LIFE.toString(); }
        """);
    InstalledPlugin installed = host.find("p", V).orElseThrow();
    assertThat(installed.state()).isEqualTo(PluginState.INSTALLED);
    assertThat(installed.sources()).containsExactly("asked");
    assertThat(installed.digest()).hasSize(64);
    assertThat(host.sources("p", V)).isEmpty();

    assertThat(host.start("p", V).state()).isEqualTo(PluginState.STARTED);
    assertThat(Hosts.ask(host, "p", V, "")).isEqualTo("[constructed, p 1.0.0 true true]");
    assertThat(host.source("p", V, "other")).isEmpty();
    assertThat(host.start("p", V).state()).isEqualTo(PluginState.STARTED);

    assertThat(host.stop("p", V)).matches(UnloadReport::clean);
    assertThat(host.find("p", V).orElseThrow().state()).isEqualTo(PluginState.STOPPED);
    assertThat(host.source("p", V, "asked")).isEmpty();

    host.start("p", V);
    assertThat(Hosts.ask(host, "p", V, "")).isEqualTo("[constructed, p 1.0.0 true true]");
    assertThat(host.uninstall("p", V)).matches(UnloadReport::clean);
    assertThat(host.list()).isEmpty();
    assertThat(temp.resolve("plugins/p@1.0.0")).doesNotExist();
    assertThat(failure(() -> host.start("p", V)).code()).isEqualTo(ErrorCode.NOT_FOUND);
  }

  @Test
  void versionsStandSideBySide() throws IOException {
    for (String version : List.of("1.9.0", "1.10.0")) {
      host.install(
          PluginZip.withSource(
                  "p",
                  version,
                  "static Object answer(String q) { return \"%s\"; }".formatted(version))
              .zip(temp));
      host.start("p", version);
    }
    assertThat(host.list()).extracting(InstalledPlugin::version).containsExactly("1.9.0", "1.10.0");
    assertThat(Hosts.ask(host, "p", "1.9.0", "")).isEqualTo("1.9.0");
    assertThat(Hosts.ask(host, "p", "1.10.0", "")).isEqualTo("1.10.0");
    host.stop("p", "1.9.0");
    assertThat(Hosts.ask(host, "p", "1.10.0", "")).isEqualTo("1.10.0");
  }

  @Test
  void aRefusalToStartIsShownAndTheNextTryCounts() throws IOException {
    install(
        """
        public void start(PluginContext c) {
          if (System.getProperty("host.test.licence") == null) {
            throw new PluginException(ErrorCode.CONFIG_INVALID, "set the licence first");
          }
        }
        """);
    PluginException refusal = failure(() -> host.start("p", V));
    assertThat(refusal.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
    assertThat(refusal).hasMessage("starting plugin p@1.0.0: set the licence first");
    InstalledPlugin failed = host.find("p", V).orElseThrow();
    assertThat(failed.state()).isEqualTo(PluginState.FAILED);
    assertThat(failed.reason()).contains("set the licence first");
    assertThat(failure(() -> host.use(failed.ref())))
        .hasMessageContaining("is failed (starting plugin p@1.0.0: set the licence first)");

    System.setProperty("host.test.licence", "yes");
    try {
      assertThat(host.start("p", V).reason()).isEmpty();
    } finally {
      System.clearProperty("host.test.licence");
    }
    assertThat(host.stop("p", V)).matches(UnloadReport::clean);
  }

  @Test
  void anErrorOfThePluginArrivesAsTextAndHoldsNothingOfIt() throws IOException {
    install(
        """
        static class Own extends RuntimeException {
          Own() { super("own message", new java.io.IOException("cause")); }
        }
        static Object answer(String q) {
          if (q.equals("deep")) return answer(q) + "x";
          if (q.equals("hostile")) throw new RuntimeException() {
            public String getMessage() { throw new Own(); }
          };
          throw new Own();
        }
        """);
    host.start("p", V);
    PluginException own = failure(() -> Hosts.ask(host, "p", V, "own"));
    assertThat(own.code()).isEqualTo(ErrorCode.BUG);
    assertThat(own).hasMessage("plugin p@1.0.0 threw fixture.Entry$Own: own message");
    assertThat(own).hasStackTraceContaining("at p@1.0.0//fixture.Entry.answer");
    assertThat(own).hasRootCauseMessage("cause");
    assertThat(failure(() -> Hosts.ask(host, "p", V, "deep")))
        .hasMessageContaining("StackOverflow");
    assertThat(failure(() -> Hosts.ask(host, "p", V, "hostile")))
        .hasMessageContaining("cannot even be printed");
    assertThat(host.stop("p", V)).matches(UnloadReport::clean);
    assertThat(own.getCause()).hasToString("fixture.Entry$Own: own message");
  }

  @Test
  void aStartThatHangsTimesOutAndIsInterrupted() throws IOException {
    openHasty();
    install(
        "public void start(PluginContext c) throws Exception { new CountDownLatch(1).await(); }");
    PluginException timeout = failure(() -> host.start("p", V));
    assertThat(timeout.code()).isEqualTo(ErrorCode.TIMEOUT);
    assertThat(timeout)
        .hasMessage("starting plugin p@1.0.0 did not return within 1 s and was interrupted");
    assertThat(host.find("p", V).orElseThrow().state()).isEqualTo(PluginState.FAILED);
    assertThat(pluginThreads()).isEmpty();
  }

  @Test
  void aPluginThatHangsDoesNotHoldUpAnother() throws Exception {
    install(
        """
        public void start(PluginContext c) throws Exception {
          System.setProperty("host.test.hanging", "yes");
          new CountDownLatch(1).await();
        }
        """);
    host.install(PluginZip.withSource("other", V, "").zip(temp));
    Thread starting = Thread.ofPlatform().start(() -> failure(() -> host.start("p", V)));
    try {
      Await.until("it hangs", () -> System.getProperty("host.test.hanging") != null);
      host.start("other", V);
      assertThat(Hosts.ask(host, "other", V, "hello")).isEqualTo("hello");
      assertThat(host.list()).hasSize(2);
    } finally {
      System.clearProperty("host.test.hanging");
      starting.interrupt();
      starting.join();
    }
  }

  @Test
  void aCallThatIgnoresItsInterruptIsCountedUntilItEnds() throws Exception {
    install(
        """
        static volatile boolean go = true;
        static Object answer(String q) {
          if (q.equals("end")) { go = false; return "ended"; }
          while (go) { Thread.onSpinWait(); }
          return "late";
        }
        """);
    host.start("p", V);
    Hosted<?> source = host.source("p", V, "asked").orElseThrow();
    @SuppressWarnings("unchecked")
    var asked = (java.util.function.Function<String, Object>) source.factory();
    PluginException timeout =
        failure(() -> host.call(source.plugin(), Duration.ofMillis(50), () -> asked.apply("spin")));
    assertThat(timeout.code()).isEqualTo(ErrorCode.TIMEOUT);
    assertThat(host.find("p", V).orElseThrow().hung()).isEqualTo(1);
    assertThat(Hosts.ask(host, "p", V, "end")).isEqualTo("ended");
    Await.until("the call ends", () -> host.find("p", V).orElseThrow().hung() == 0);
  }

  @Test
  void aPluginInUseIsNotStoppedUnlessForced() throws IOException {
    install("");
    Lease lease = host.use(new PluginRef("p", V));
    assertThat(host.find("p", V).orElseThrow().state()).isEqualTo(PluginState.STARTED);
    Lease second = host.use(new PluginRef("p", V));
    assertThat(host.find("p", V).orElseThrow().uses()).isEqualTo(2);
    assertThat(failure(() -> host.stop("p", V)).code()).isEqualTo(HostError.IN_USE);
    assertThat(failure(() -> host.uninstall("p", V)).code()).isEqualTo(HostError.IN_USE);
    assertThat(host.find("p", V).orElseThrow().state()).isEqualTo(PluginState.STARTED);
    lease.close();
    lease.close();
    assertThat(failure(() -> host.stop("p", V))).hasMessageContaining("is used 1 times");
    assertThat(host.forceStop("p", V)).matches(UnloadReport::clean);
    assertThat(failure(() -> host.use(new PluginRef("p", V))).code())
        .isEqualTo(HostError.NOT_STARTED);
    second.close();
    assertThat(host.uninstall("p", V)).matches(UnloadReport::clean);
  }

  @Test
  void stageThreadsBelongToThePluginAndEndWithIt() throws Exception {
    openHasty();
    install("");
    host.start("p", V);
    Hosted<?> source = host.source("p", V, "asked").orElseThrow();
    var interrupted = new CountDownLatch(1);
    Thread stage =
        source
            .threads()
            .newThread(() -> {
              try {
                new CountDownLatch(1).await();
              } catch (InterruptedException e) {
                interrupted.countDown();
              }
            });
    assertThat(stage.getName()).startsWith("plugin-p-");
    assertThat(stage.isDaemon()).isTrue();
    assertThat(stage.isVirtual()).isFalse();
    assertThat(stage.getContextClassLoader())
        .isSameAs(source.factory().getClass().getClassLoader());
    stage.start();
    assertThat(host.stop("p", V).threads()).isEmpty();
    interrupted.await();
    assertThatThrownBy(() -> source.threads().newThread(() -> {}))
        .hasMessageContaining("plugin p@1.0.0 is stopped");
  }

  @Test
  void threadsThatOutliveThePluginAreReportedByName() throws IOException {
    openHasty();
    install(
        """
        public void start(PluginContext c) {
          Thread t = new Thread(() -> {
            while (System.getProperty("host.test.release") == null) { Thread.onSpinWait(); }
          }, "stubborn");
          t.setDaemon(true);
          t.start();
        }
        """);
    host.start("p", V);
    try {
      UnloadReport report = host.stop("p", V);
      assertThat(report.threads()).containsExactly("stubborn");
      assertThat(report.collected()).isFalse();
      assertThat(report.summary())
          .startsWith("leaked by p@1.0.0: threads [stubborn], its class loader");
      assertThat(host.find("p", V).orElseThrow().reason()).isEqualTo(report.summary());
      assertThat(host.leaks()).hasSize(1);
    } finally {
      System.setProperty("host.test.release", "yes");
    }
    try {
      Await.until(
          "the loader is collected once the thread ends",
          () -> {
            System.gc();
            return host.leaks().isEmpty();
          });
    } catch (Exception e) {
      throw new AssertionError(e);
    } finally {
      System.clearProperty("host.test.release");
    }
  }

  @Test
  void aLoaderThatSomethingHoldsIsReported() throws Exception {
    openHasty();
    install("");
    host.start("p", V);
    Object held = host.source("p", V, "asked").orElseThrow().factory();
    UnloadReport report = host.stop("p", V);
    assertThat(report.collected()).isFalse();
    assertThat(report.summary())
        .isEqualTo("leaked by p@1.0.0: its class loader, which something still holds");
    assertThat(held).isNotNull();
  }

  @Test
  void whatAPluginLeftRegisteredIsTakenBack() throws IOException {
    install(
        """
        public static class Driver implements java.sql.Driver {
          public java.sql.Connection connect(String url, Properties info) { return null; }
          public boolean acceptsURL(String url) { return false; }
          public java.sql.DriverPropertyInfo[] getPropertyInfo(String url, Properties info) { return null; }
          public int getMajorVersion() { return 1; }
          public int getMinorVersion() { return 0; }
          public boolean jdbcCompliant() { return false; }
          public java.util.logging.Logger getParentLogger() { return null; }
        }
        public interface CountMBean { int getCount(); }
        public static class Count implements CountMBean { public int getCount() { return 1; } }
        static final ThreadLocal<Object> LOCAL = new ThreadLocal<>();
        public void start(PluginContext c) throws Exception {
          java.sql.DriverManager.registerDriver(new Driver());
          java.util.logging.Logger.getLogger("").addHandler(new java.util.logging.Handler() {
            public void publish(java.util.logging.LogRecord r) {}
            public void flush() {}
            public void close() {}
          });
          java.lang.management.ManagementFactory.getPlatformMBeanServer().registerMBean(
              new Count(), new javax.management.ObjectName("fixture:type=Count"));
          java.security.Security.addProvider(new java.security.Provider("Fixture", "1", "") {});
          Thread.setDefaultUncaughtExceptionHandler((t, e) -> {});
          LOCAL.set(new Entry());
        }
        """);
    host.start("p", V);
    UnloadReport report = host.stop("p", V);
    assertThat(report.swept())
        .containsExactlyInAnyOrder(
            "JDBC driver fixture.Entry$Driver",
            "handler of logger ''",
            "MBean fixture:type=Count",
            "security provider Fixture",
            "default uncaught exception handler");
    assertThat(report).matches(UnloadReport::clean);
  }

  @Test
  void aStopThatThrowsIsReportedAndThePluginIsGoneAllTheSame() throws IOException {
    install("public void stop() { throw new IllegalStateException(\"half done\"); }");
    host.start("p", V);
    UnloadReport report = host.stop("p", V);
    assertThat(report).matches(UnloadReport::clean);
    assertThat(report.reason()).contains("half done");
    assertThat(host.find("p", V).orElseThrow().reason()).contains("half done");
  }

  @Test
  void closingTheHostStopsEveryPlugin() throws IOException {
    install("public void stop() { System.setProperty(\"host.test.stopped\", \"yes\"); }");
    host.use(new PluginRef("p", V));
    host.close();
    assertThat(System.clearProperty("host.test.stopped")).isEqualTo("yes");
    assertThat(pluginThreads()).isEmpty();
  }

  static List<String> pluginThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("plugin-"))
        .toList();
  }
}
