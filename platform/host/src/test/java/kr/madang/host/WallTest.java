package kr.madang.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WallTest {
  @TempDir private static Path temp;
  private static PluginHost host;

  @BeforeAll
  static void start() throws Exception {
    host = PluginHost.open(Hosts.trusting(temp));
    host.install(
        PluginZip.withSource(
                "probe",
                "1.0.0",
                """
                static Object answer(String q) {
                  try {
                    String what = q.substring(q.indexOf(' ') + 1);
                    return switch (q.substring(0, q.indexOf(' '))) {
                      case "class" -> Class.forName(what).getClassLoader() == Entry.class.getClassLoader()
                          ? "own" : "shared";
                      case "resource" -> Collections.list(
                          Thread.currentThread().getContextClassLoader().getResources(what)).size();
                      case "read" -> {
                        try (var in = Entry.class.getResourceAsStream(what)) {
                          yield new String(in.readAllBytes());
                        }
                      }
                      case "context" -> Thread.currentThread().getContextClassLoader()
                          == Entry.class.getClassLoader();
                      case "thread" -> Thread.currentThread().getName() + Thread.currentThread().isDaemon();
                      default -> "?";
                    };
                  } catch (ClassNotFoundException e) {
                    return "none";
                  } catch (Exception e) {
                    throw new RuntimeException(e);
                  }
                }
                """)
            .inJar("fixture/note.txt", Jars.utf8("own note"))
            .zip(temp));
    host.start("probe", "1.0.0");
  }

  @AfterAll
  static void stop() {
    host.close();
  }

  private static Object ask(String question) {
    return Hosts.ask(host, "probe", "1.0.0", question);
  }

  @Test
  void theSdkAndItsNeighboursAreShared() {
    for (String shared :
        new String[] {
          "kr.madang.sdk.Plugin",
          "kr.madang.sdk.batch.Batch",
          "org.apache.arrow.vector.VectorSchemaRoot",
          "org.apache.arrow.memory.BufferAllocator",
          "org.apache.arrow.util.AutoCloseables",
          "org.apache.arrow.flatbuf.Schema",
          "org.slf4j.Logger",
          "org.jspecify.annotations.Nullable",
          "java.sql.Driver",
          "java.net.http.HttpClient"
        }) {
      assertThat(ask("class " + shared)).as(shared).isEqualTo("shared");
    }
  }

  @Test
  void ownClassesAndResourcesAreOwn() {
    assertThat(ask("class fixture.Entry")).isEqualTo("own");
    assertThat(ask("read note.txt")).isEqualTo("own note");
    assertThat(ask("resource fixture/note.txt")).isEqualTo(1);
  }

  @Test
  void classesOfTheHostAreInvisible() {
    for (String hidden :
        new String[] {
          "kr.madang.host.PluginHost",
          "org.pf4j.PluginManager",
          "com.github.zafarkhaja.semver.Version",
          "com.google.flatbuffers.Table",
          "com.fasterxml.jackson.core.JsonFactory",
          "org.junit.jupiter.api.Test",
          "org.assertj.core.api.Assertions"
        }) {
      assertThat(classPathHas(hidden)).as(hidden).isTrue();
      assertThat(ask("class " + hidden)).as(hidden).isEqualTo("none");
    }
  }

  private static boolean classPathHas(String type) {
    return WallTest.class.getClassLoader().getResource(type.replace('.', '/') + ".class") != null;
  }

  @Test
  void resourcesOfTheHostAreInvisible() {
    for (String hidden :
        new String[] {
          "kr/madang/host/PluginHost.class",
          "kr/madang/sdk/Plugin.class",
          "META-INF/services/org.junit.platform.engine.TestEngine",
          "org/pf4j/PluginManager.class"
        }) {
      assertThat(WallTest.class.getClassLoader().getResource(hidden)).as(hidden).isNotNull();
      assertThat(ask("resource " + hidden)).as(hidden).isEqualTo(0);
    }
    assertThat(ask("resource META-INF/services/kr.madang.sdk.Plugin")).isEqualTo(1);
  }

  @Test
  void callsComeOnDaemonThreadsOfThePlugin() {
    assertThat(ask("context -")).isEqualTo(true);
    assertThat((String) ask("thread -")).startsWith("plugin-probe-").endsWith("true");
  }
}
