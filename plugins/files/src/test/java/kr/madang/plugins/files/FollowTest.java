package kr.madang.plugins.files;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.channels.ClosedByInterruptException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import kr.madang.plugins.files.SourceConfig.Type;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class FollowTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;
  private FakeSourceContext context;
  private Path file;

  @BeforeEach
  void context() {
    context = new FakeSourceContext(arrow.get());
    file = folder.resolve("log.csv");
  }

  private static void append(Path file, String text) throws Exception {
    Files.writeString(file, text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
  }

  private static String row(int x) {
    return "2026-01-01T00:00:%02dZ,%d\n".formatted(x % 60, x);
  }

  private static void readUntil(Read read, LogSource source, int rows) throws Exception {
    Await.until(
        rows + " rows",
        () -> {
          boolean done = read.some(source, 100);
          assertThat(done).isFalse();
          return read.rows.size() >= rows;
        });
  }

  @Test
  void aGrowingFileGivesItsLinesOnceTheyAreWhole() throws Exception {
    append(file, "time,x\n" + row(1) + "2026-01-01T00:00:02Z,2");
    try (LogSource source = Read.open(Configs.at(file).follow().build(), context)) {
      Read read = new Read();
      readUntil(read, source, 1);
      assertThat(read.some(source, 3)).isFalse();
      assertThat(read.column("x")).containsExactly(1.0);
      append(file, "2\r");
      read.some(source, 3);
      assertThat(read.column("x")).containsExactly(1.0);
      append(file, "\n" + row(3));
      readUntil(read, source, 3);
      assertThat(read.column("x")).containsExactly(1.0, 22.0, 3.0);
      assertThat(context.rejects()).isEmpty();
    }
  }

  @Test
  void aFileThatIsNotThereYetIsWaitedFor() throws Exception {
    SourceConfig config = Configs.at(file).follow().column("x", "x", Type.DOUBLE, null).build();
    assertThatThrownBy(() -> new FilesSource().frames(Configs.at(file).follow().build()))
        .hasMessageContaining("columns");
    try (LogSource source = Read.open(config, context)) {
      Read read = new Read();
      assertThat(read.some(source, 3)).isFalse();
      append(file, "tim");
      assertThat(read.some(source, 3)).isFalse();
      append(file, "e,x\n" + row(1));
      readUntil(read, source, 1);
    }
  }

  @Test
  void anInterruptInTheMidstOfReadingIsToldAsOne() throws Exception {
    append(file, "time,x\n" + row(1));
    for (Configs configs : List.of(Configs.at(file), Configs.at(file).follow())) {
      try (LogSource source = Read.open(configs.build(), context)) {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> source.poll(Duration.ofSeconds(5)))
            .isInstanceOf(InterruptedException.class)
            .hasCauseInstanceOf(ClosedByInterruptException.class);
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
      }
    }
  }

  @Test
  void aTruncatedFileIsReadFromItsBeginning() throws Exception {
    append(file, "time,x\n" + row(1) + row(2));
    try (LogSource source = Read.open(Configs.at(file).follow().build(), context)) {
      Read read = new Read();
      readUntil(read, source, 2);
      Files.writeString(file, "time,x\n" + row(3));
      readUntil(read, source, 3);
      // grown beyond where it was read, but with another beginning
      Files.writeString(file, "time,x\n" + row(4) + row(5) + row(6));
      readUntil(read, source, 6);
      assertThat(read.column("x")).containsExactly(1.0, 2.0, 3.0, 4.0, 5.0, 6.0);
    }
  }

  @Test
  void aRotatedFileIsReadToItsEndBeforeTheNewOne() throws Exception {
    append(file, "time,x\n" + row(1));
    try (LogSource source = Read.open(Configs.at(file).follow().build(), context)) {
      Read read = new Read();
      readUntil(read, source, 1);
      append(file, row(2) + row(3).strip());
      Path old = folder.resolve("log.csv.1");
      Files.move(file, old);
      append(file, "time,x\n" + row(4));
      readUntil(read, source, 4);
      assertThat(read.column("x")).containsExactly(1.0, 2.0, 3.0, 4.0);
    }
  }

  @Test
  void aRenamedFileOfAFolderIsNotReadTwice() throws Exception {
    append(file, "time,x\n" + row(1));
    Configs config = Configs.at(folder.resolve("log*")).follow();
    config.format = FileFormat.CSV;
    Read read = new Read();
    try (LogSource source = Read.open(config.build(), context)) {
      readUntil(read, source, 1);
      Files.move(file, folder.resolve("log.csv.1"));
      append(file, "time,x\n" + row(2));
      readUntil(read, source, 2);
      append(folder.resolve("log.csv.1"), row(3));
      readUntil(read, source, 3);
      assertThat(read.some(source, 5)).isFalse();
      assertThat(read.column("x")).containsExactly(1.0, 2.0, 3.0);
    }
    var resumed = context.resumedAt(read.positions.getLast());
    assertThat(Read.all(config.build(), resumed).rows).isEmpty();
  }

  @Test
  void newFilesOfAFolderAreReadAndALastLineWithoutBreakWhenTheyRest() throws Exception {
    append(folder.resolve("a.csv"), "time,x\n" + row(1) + row(2).strip());
    Configs config = Configs.at(folder).follow();
    config.settle = Duration.ofMillis(50);
    try (LogSource source = Read.open(config.build(), context)) {
      Read read = new Read();
      readUntil(read, source, 2);
      append(folder.resolve("c.csv"), "time,x\n" + row(4));
      readUntil(read, source, 3);
      append(folder.resolve("b.csv"), "time,x\n" + row(3));
      readUntil(read, source, 4);
      append(folder.resolve("c.csv"), row(5));
      readUntil(read, source, 5);
      assertThat(read.column("x")).containsExactly(1.0, 2.0, 4.0, 3.0, 5.0);
    }
  }

  @Test
  void aCorruptFileOfAFolderIsPutAsideOnceItRests() throws Exception {
    append(folder.resolve("a.csv"), "time,x\n" + row(1));
    append(folder.resolve("b.parquet"), "PAR1 and nothing more");
    append(folder.resolve("c.csv"), "time,y\n" + row(9));
    append(folder.resolve("d.csv"), "time,x\n" + row(2));
    Configs config = Configs.at(folder).follow();
    config.settle = Duration.ofMillis(50);
    try (LogSource source = Read.open(config.build(), context)) {
      Read read = new Read();
      readUntil(read, source, 2);
      Await.until(
          "two rejects, got " + context.rejects(),
          () -> !read.some(source, 10) && context.rejects().size() == 2);
      assertThat(read.column("x")).containsExactly(1.0, 2.0);
      assertThat(context.rejects())
          .anySatisfy(why -> assertThat(why).contains("b.parquet").contains("Parquet"))
          .anySatisfy(why -> assertThat(why).contains("c.csv").contains("column 'x'"));
    }
  }

  @Test
  void manyFilesStillFitIntoAPosition() throws Exception {
    for (int i = 0; i < 300; i++) {
      append(folder.resolve("day-%03d-한국어-이름.csv".formatted(i)), "time,x\n" + row(i));
    }
    Configs config = Configs.at(folder).follow();
    Read read = new Read();
    try (LogSource source = Read.open(config.build(), context)) {
      readUntil(read, source, 300);
    }
    append(folder.resolve("day-300.csv"), "time,x\n" + row(300));
    append(folder.resolve("day-299-한국어-이름.csv"), row(301));
    Read more = new Read();
    var resumed = context.resumedAt(read.positions.getLast());
    try (LogSource source = Read.open(config.build(), resumed)) {
      readUntil(more, source, 2);
      assertThat(more.some(source, 5)).isFalse();
    }
    assertThat(more.column("x")).containsExactlyInAnyOrder(301.0, 300.0);
  }
}
