package kr.madang.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CyclesTest {
  @TempDir private Path temp;

  @Test
  void manyLivesLeaveNoLoaderNoThreadAndNoFile() throws IOException {
    Path archive =
        PluginZip.withSource(
                "p",
                "1.0.0",
                """
                static final ThreadLocal<Object> LOCAL = ThreadLocal.withInitial(Entry::new);
                ExecutorService pool;
                public void start(PluginContext c) throws Exception {
                  pool = Executors.newFixedThreadPool(2);
                  pool.submit(() -> LOCAL.get()).get();
                }
                static Object answer(String q) {
                  try (var in = Entry.class.getResource("note.txt").openStream()) {
                    LOCAL.get();
                    return new String(in.readAllBytes());
                  } catch (java.io.IOException e) {
                    throw new RuntimeException(e);
                  }
                }
                public void stop() { pool.shutdown(); }
                """)
            .inJar("fixture/note.txt", Jars.utf8("note"))
            .zip(temp);
    Path neighbour = PluginZip.withSource("neighbour", "1.0.0", "").zip(temp);
    try (PluginHost host = PluginHost.open(Hosts.trusting(temp))) {
      host.install(neighbour);
      host.start("neighbour", "1.0.0");
      live(host, archive);
      int threads = threads();
      long files = files();
      for (int cycle = 0; cycle < 30; cycle++) {
        live(host, archive);
      }
      assertThat(host.leaks()).isEmpty();
      assertThat(threads()).isLessThanOrEqualTo(threads);
      assertThat(files()).isLessThanOrEqualTo(files);
      String here = temp.toRealPath().toString();
      assertThat(openFiles())
          .noneMatch(file -> file.startsWith(here) && !file.contains("neighbour@1.0.0"));
      assertThat(temp.resolve("plugins/.staging")).isEmptyDirectory();
      assertThat(Hosts.ask(host, "neighbour", "1.0.0", "hello")).isEqualTo("hello");
    }
  }

  private static void live(PluginHost host, Path archive) {
    host.install(archive);
    host.start("p", "1.0.0");
    assertThat(Hosts.ask(host, "p", "1.0.0", "")).isEqualTo("note");
    UnloadReport report = host.stop("p", "1.0.0");
    assertThat(report.clean()).as(report.summary()).isTrue();
    host.uninstall("p", "1.0.0");
  }

  private static int threads() {
    return Thread.getAllStackTraces().size();
  }

  private static long files() throws IOException {
    return openFiles().size();
  }

  private static List<String> openFiles() throws IOException {
    Path self = Path.of("/proc/self/fd");
    if (!Files.isDirectory(self)) {
      return List.of();
    }
    return Folders.children(self).stream().map(CyclesTest::target).toList();
  }

  private static String target(Path descriptor) {
    try {
      return Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return "";
    }
  }
}
