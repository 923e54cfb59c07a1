package kr.madang.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import kr.madang.journal.disk.Disk;
import kr.madang.journal.disk.RealDisk;
import kr.madang.sdk.testkit.Await;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrashTest {
  @TempDir Path folder;

  /** A disk whose deletes wait for a word, or fail. */
  private static final class Stubborn {
    final CountDownLatch go = new CountDownLatch(1);
    volatile boolean fails;

    Disk disk() {
      Disk real = new RealDisk();
      return (Disk)
          java.lang.reflect.Proxy.newProxyInstance(
              Disk.class.getClassLoader(),
              new Class<?>[] {Disk.class},
              (_, method, args) -> {
                if (method.getName().equals("delete")) {
                  go.await(20, TimeUnit.SECONDS);
                  if (fails) {
                    throw new IOException("cannot be deleted");
                  }
                }
                return method.invoke(real, args);
              });
    }
  }

  private Path file(String name) throws IOException {
    return Files.createFile(folder.resolve(name));
  }

  @Test
  void whoBringsFilesDoesNotWaitForTheDisk() throws Exception {
    Stubborn stubborn = new Stubborn();
    Trash trash = new Trash(stubborn.disk(), folder);
    trash.beside(task -> new Thread(task, "journal"));
    Path first = file("a");
    Path second = file("b");
    trash.bring(List.of(first));
    trash.bring(List.of(second));
    assertThat(first).exists();
    stubborn.go.countDown();
    trash.empty();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aFileThatCannotBeDeletedIsTriedAgain() throws Exception {
    Stubborn stubborn = new Stubborn();
    stubborn.fails = true;
    stubborn.go.countDown();
    Trash trash = new Trash(stubborn.disk(), folder);
    trash.beside(task -> new Thread(task, "journal"));
    Path first = file("a");
    assertThatThrownBy(
            () -> {
              trash.bring(List.of(first));
              trash.empty();
            })
        .hasMessageContaining("cannot be deleted");
    stubborn.fails = false;
    Await.until(
        "it is deleted",
        () -> {
          try {
            trash.empty();
          } catch (IOException e) {
            return false; // of the attempt before
          }
          return Files.notExists(first);
        });
  }

  @Test
  void withoutAThreadFilesAreDeletedAtOnce() throws Exception {
    Trash trash = new Trash(new RealDisk(), folder);
    trash.bring(List.of(file("a"), file("b")));
    assertThat(folder).isEmptyDirectory();
  }
}
