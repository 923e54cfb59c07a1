package kr.madang.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import kr.madang.sdk.error.PluginException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelStoreTest {
  private static final int WEIGHTS = 300_000;

  @TempDir private Path temp;

  private ModelStore open() throws IOException {
    return ModelStore.open(temp.resolve("models"), ArchiveLimits.DEFAULT);
  }

  private Path zip(int seed, String folder) throws IOException {
    return zip(temp, seed, folder);
  }

  private static Path zip(Path temp, int seed, String folder) throws IOException {
    byte[] weights = new byte[WEIGHTS];
    new Random(seed).nextBytes(weights);
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put(folder + "model.yaml", Jars.utf8("name: pump\nversion: 1.0.0\n"));
    files.put(folder + "model.onnx", weights);
    return Files.write(Files.createTempFile(temp, "model", ".zip"), Jars.zip(files));
  }

  private static StoredModel kept(ModelStore store, Path zip) {
    try (StagedModel staged = store.stage(zip)) {
      return store.keep(staged, "pump", "1.0.0", "{}");
    }
  }

  @Test
  void whatIsKeptIsThereAfterARestartAndNothingElse() throws IOException {
    ModelStore store = open();
    assertThat(temp.resolve("models")).doesNotExist();
    StoredModel kept = kept(store, zip(1, ""));
    assertThat(kept.folder().resolve("model.onnx")).hasSize(WEIGHTS);
    store.stage(zip(2, ""));
    ModelStore again = open();
    assertThat(again.list()).containsExactly(kept);
    assertThat(again.check("pump", "1.0.0")).isEmpty();
    assertThat(temp.resolve("models/.staging")).isEmptyDirectory();
    assertThat(again.remove("pump", "1.0.0")).isTrue();
    assertThat(again.remove("pump", "1.0.0")).isFalse();
    assertThat(open().list()).isEmpty();
  }

  @Test
  void theSameFilesAreTheSameModelHoweverTheyArePackedAndOthersAreAConflict() throws IOException {
    ModelStore store = open();
    StoredModel kept = kept(store, zip(1, ""));
    assertThat(kept(store, zip(1, "a-folder/"))).isEqualTo(kept);
    assertThat(store.holds("pump", "1.0.0", kept.digest())).isTrue();
    assertThat(store.holds("pump", "1.1.0", kept.digest())).isFalse();
    Path other = zip(2, "");
    assertThatThrownBy(() -> kept(store, other))
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.code()).isEqualTo(HostError.CONFLICT))
        .hasMessageContaining("pump@1.0.0 is there with digest " + kept.digest());
    assertThat(store.list()).containsExactly(kept);
  }

  @Test
  void aFlippedByteIsFoundAndMendedByTheSameModel() throws IOException {
    StoredModel kept = kept(open(), zip(1, ""));
    Path file = kept.folder().resolve("model.onnx");
    byte[] bytes = Files.readAllBytes(file);
    bytes[12_345] ^= 1;
    Files.write(file, bytes);
    ModelStore store = open();
    assertThat(store.list()).singleElement().matches(model -> model.damage().isEmpty());
    assertThat(store.check("pump", "1.0.0").orElseThrow())
        .isEqualTo("file package/model.onnx was changed after it was installed");
    assertThat(store.list()).singleElement().matches(model -> !model.damage().isEmpty());
    assertThat(store.holds("pump", "1.0.0", kept.digest())).isFalse();
    assertThat(kept(store, zip(1, "")).damage()).isEmpty();
    assertThat(open().check("pump", "1.0.0")).isEmpty();
  }

  @Test
  void aFolderThatNobodyStoredIsNoModel() throws IOException {
    Files.createDirectories(temp.resolve("models/pump@2.0.0/package"));
    ModelStore store = open();
    assertThat(store.list())
        .singleElement()
        .satisfies(model -> {
          assertThat(model.damage()).contains("its label .madang is missing");
          assertThat(model.version()).isEqualTo("2.0.0");
        });
  }

  @Test
  void archivesAndNamesThatAreNoneAreRefusedAndLeaveNothing() throws IOException {
    ModelStore store = open();
    Path noise = Files.write(temp.resolve("noise.zip"), new byte[10_000]);
    Path cut = zip(1, "");
    try (var channel = Files.newByteChannel(cut, StandardOpenOption.WRITE)) {
      channel.truncate(Files.size(cut) / 2);
    }
    Path climbing =
        Files.write(temp.resolve("climbing.zip"), Jars.zip(Map.of("../model.onnx", new byte[10])));
    for (Path bad : List.of(noise, cut, climbing)) {
      assertThatThrownBy(() -> store.stage(bad))
          .isInstanceOfSatisfying(
              PluginException.class, e -> assertThat(e.code()).isEqualTo(HostError.MODEL_REFUSED));
    }
    try (StagedModel staged = store.stage(zip(1, ""))) {
      for (String name : List.of("../pump", "a/b", ".staging", "x".repeat(250))) {
        assertThatThrownBy(() -> store.keep(staged, name, "1.0.0", ""))
            .as(name)
            .hasMessageContaining("can be the name of a folder");
      }
    }
    assertThat(temp.resolve("models/.staging")).isEmptyDirectory();
    assertThat(store.list()).isEmpty();
  }

  /** Stores and deletes models for as long as it lives; says when it begins. */
  static final class Child {
    private Child() {}

    public static void main(String... arguments) throws IOException {
      Path temp = Path.of(arguments[0]);
      ModelStore store = ModelStore.open(temp.resolve("models"), ArchiveLimits.DEFAULT);
      Path one = zip(temp, 1, "");
      Path two = zip(temp, 2, "");
      store.remove("pump", "1.0.0");
      System.out.println("begins");
      for (int i = 0; ; i++) {
        kept(store, i % 2 == 0 ? one : two);
        store.remove("pump", "1.0.0");
      }
    }
  }

  @Test
  void whoeverIsKilledLeavesAModelWholeOrNotAtAll() throws Exception {
    int kills = Integer.getInteger("madang.modelKills", 4);
    Random random = new Random(7);
    int whole = 0;
    for (int i = 0; i < kills; i++) {
      Process child =
          new ProcessBuilder(
                  ProcessHandle.current().info().command().orElseThrow(),
                  "-XX:TieredStopAtLevel=1",
                  "-cp",
                  System.getProperty("java.class.path"),
                  Child.class.getName(),
                  temp.toString())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try {
        assertThat(child.inputReader().readLine()).isEqualTo("begins");
        assertThat(child.waitFor(random.nextInt(500), TimeUnit.MILLISECONDS)).isFalse();
      } finally {
        child.destroyForcibly();
        assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
      }
      ModelStore store = open();
      for (StoredModel model : store.list()) {
        assertThat(store.check(model.name(), model.version())).isEmpty();
        whole++;
      }
    }
    System.out.printf("%d kills, after %d of them there was a model%n", kills, whole);
  }
}
