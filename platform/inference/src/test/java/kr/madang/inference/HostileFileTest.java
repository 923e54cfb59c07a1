package kr.madang.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import kr.madang.inference.OnnxBuilder.Message;
import kr.madang.inference.onnx.Inspection;
import kr.madang.inference.onnx.Limits;
import kr.madang.inference.onnx.OnnxFault;
import kr.madang.inference.onnx.OnnxModel;
import kr.madang.inference.onnx.OnnxReader;
import kr.madang.inference.onnx.Rewrite;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Files that are made to hurt: refused in time, with a reason, and nothing breaks. */
final class HostileFileTest {
  private static final int MUTANTS = Integer.getInteger("madang.onnx.mutants", 4000);
  private static final int LOADED = Integer.getInteger("madang.onnx.loaded", 400);

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;

  private static List<byte[]> seeds() {
    return List.of(
        OnnxBuilder.perceptron(1, 4, 8, 2).bytes(),
        ImportTest.loop(3).bytes(),
        OnnxBuilder.identity("uint32", "n", 3).bytes(),
        new OnnxBuilder()
            .input("x", "float32", "n", 2)
            .mapsOutput("p")
            .node("ai.onnx.ml", "ZipMap", List.of("x"), List.of("p"), "classlabels_int64s=7,9,")
            .bytes(),
        new OnnxBuilder()
            .input("x", "float32", "n", 2)
            .output("y", "float32", "n", 2)
            .external("w", "float32", "weights.bin", 0, 16, 2, 2)
            .node("MatMul", List.of("x", "w"), List.of("y"))
            .note("a", "b")
            .bytes());
  }

  private static byte[] mutant(byte[] from, Random random) {
    byte[] bytes = from.clone();
    for (int i = random.nextInt(4); i >= 0 && bytes.length > 2; i--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(6)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes[at] = (byte) 0xff;
        case 3 -> bytes = Arrays.copyOf(bytes, at + 1);
        case 4 -> {
          byte[] more = Arrays.copyOf(bytes, bytes.length + 3);
          System.arraycopy(bytes, at, more, at + 3, bytes.length - at);
          bytes = more;
        }
        default -> {
          int length = Math.min(random.nextInt(16), bytes.length - at);
          System.arraycopy(bytes, random.nextInt(bytes.length - length + 1), bytes, at, length);
        }
      }
    }
    return bytes;
  }

  @Test
  void aDamagedFileIsReadOrRefusedAndNothingElse() throws Exception {
    Random random = new Random(5);
    Path file = folder.resolve("model.onnx");
    Files.write(folder.resolve("weights.bin"), new byte[16]);
    int refused = 0;
    for (int i = 0; i < MUTANTS; i++) {
      byte[] bytes = mutant(seeds().get(i % seeds().size()), random);
      Files.write(file, bytes);
      try {
        OnnxModel model = OnnxReader.read(file, Limits.usual());
        if (Inspection.strange(model, folder, 1 << 20, false).isEmpty()
            && Rewrite.plan(model).isNeeded()) {
          assertThat(Rewrite.plan(model).read(file).remaining()).isPositive();
        }
      } catch (OnnxFault e) {
        refused++;
        assertThat(e.reason().got()).isNotEmpty();
      }
    }
    assertThat(refused).isBetween(MUTANTS / 10, MUTANTS);
  }

  @Test
  void aDamagedFileThatPassesDoesNotBreakTheProcessWhenItIsLoadedAndRun() throws Exception {
    Random random = new Random(6);
    Files.write(folder.resolve("weights.bin"), new byte[16]);
    int ran = 0;
    try (Inference inference =
        Inference.open(new InferenceOptions(1, Duration.ofSeconds(30), Duration.ofSeconds(1)))) {
      for (int i = 0; i < LOADED; i++) {
        Path file = Files.write(folder.resolve("model.onnx"), mutant(seeds().get(i % 5), random));
        try {
          if (!Inspection.strange(OnnxReader.read(file, Limits.usual()), folder, 1 << 20, true)
              .isEmpty()) {
            continue;
          }
          try (LoadedModel model =
              inference.load(Fixture.spec("a"), file, Optional.empty(), arrow.get())) {
            MadeUp input = new MadeUp(model.info());
            if (input.misfit().isEmpty()) {
              model.run(input.rows(2));
              ran++;
            }
          }
        } catch (OnnxFault | PluginException e) {
          assertThat(e.getMessage()).isNotEmpty();
        }
      }
    }
    assertThat(ran).isPositive();
  }

  @Test
  void aFileThatIsCutOffAnywhereIsRefused() throws Exception {
    byte[] whole = OnnxBuilder.perceptron(1, 2, 3, 1).bytes();
    Path file = folder.resolve("model.onnx");
    int read = 0;
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      try {
        OnnxReader.read(file, Limits.usual());
        read++;
      } catch (OnnxFault e) {
        assertThat(e.reason().expected()).isNotEmpty();
      }
    }
    // whole but for the operator sets at its end
    assertThat(read).isLessThan(4);
  }

  private void refused(byte[] bytes, String... says) throws IOException {
    Path file = Files.write(folder.resolve("model.onnx"), bytes);
    List<String> found = new ArrayList<>();
    try {
      Inspection.strange(OnnxReader.read(file, Limits.usual()), folder, 1 << 20, false)
          .forEach(reason -> found.add(reason.text()));
    } catch (OnnxFault e) {
      found.add(e.getMessage());
    }
    assertThat(found).isNotEmpty();
    for (String one : says) {
      assertThat(String.join("; ", found)).contains(one);
    }
  }

  @Test
  void shapesThatNoMemoryHoldsAreRefused() throws Exception {
    for (long[] shape :
        new long[][] {
          {1L << 40}, {Long.MAX_VALUE, Long.MAX_VALUE}, {-1, 4}, {1L << 32, 1L << 32}, {3}
        }) {
      refused(
          OnnxBuilder.identity("float32", "n", 2)
              .constant("w", "float32", new byte[16], shape)
              .bytes(),
          "tensor 'w'");
    }
    long[] many = new long[65];
    Arrays.fill(many, 1);
    refused(
        OnnxBuilder.identity("float32", "n", 2).constant("w", "float32", new byte[4], many).bytes(),
        "at most 64 numbers");
    refused(
        OnnxBuilder.identity("float32", "n", 2)
            .part(
                15,
                new Message()
                    .message(
                        1,
                        new Message().number(1, 1).number(2, 1).text(8, "s").bytes(9, new byte[4]))
                    .message(
                        2,
                        new Message().number(1, 1).number(2, 7).text(8, "i").bytes(9, new byte[8]))
                    .number(3, 1L << 40)
                    .number(3, 1L << 40))
            .bytes(),
        "tensor 's'");
  }

  @Test
  void typedFieldsMustHoldWhatTheShapeSays() throws Exception {
    Message tensor = new Message().number(1, 1000).number(2, 7).text(8, "w").number(7, 1);
    refused(OnnxBuilder.identity("float32", "n", 2).part(5, tensor).bytes(), "tensor 'w'", "1,000");
  }

  @Test
  void graphsWithinGraphsEndSomewhere() throws Exception {
    OnnxBuilder inner = OnnxBuilder.identity("float32", "n", 2);
    for (int i = 0; i < 20; i++) {
      inner =
          new OnnxBuilder()
              .input("x", "float32", "n", 2)
              .output("y", "float32", "n", 2)
              .around("If", List.of("x"), List.of("y"), "then_branch", inner);
    }
    refused(inner.bytes(), "at most 12 graphs");
  }

  @Test
  void namesAndCountsHaveBounds() throws Exception {
    refused(OnnxBuilder.identity("float32", "n".repeat(5000), 2).bytes(), "at most 4096 bytes");
    refused(
        new OnnxBuilder().node("I".repeat(5000), List.of("x"), List.of("y")).bytes(),
        "at most 4096 bytes");
    Path file = OnnxBuilder.perceptron(1, 2, 3, 3, 1).write(folder.resolve("model.onnx"));
    Limits tight = new Limits(1 << 20, 4, 3, 100, 100, 100, 4);
    assertThatThrownBy(() -> OnnxReader.read(file, tight)).hasMessageContaining("at most 3 nodes");
    Limits few = new Limits(1 << 20, 4, 100, 3, 100, 100, 4);
    assertThatThrownBy(() -> OnnxReader.read(file, few)).hasMessageContaining("at most 3 tensors");
    Limits small = new Limits(10, 4, 100, 100, 100, 100, 4);
    assertThatThrownBy(() -> OnnxReader.read(file, small)).hasMessageContaining("at most 10 bytes");
  }

  @Test
  void whatWouldGrowAtLoadingIsSeenThroughConstants() throws Exception {
    OnnxBuilder computed =
        new OnnxBuilder()
            .input("x", "float32", "n", 2)
            .output("y", "float32", "n", 2)
            .shapeless("z", "float32")
            .integers("a", new long[] {100_000}, 1)
            .node("Mul", List.of("a", "a"), List.of("b"))
            .node("Concat", List.of("b", "a"), List.of("size"), "axis=0")
            .node("Identity", List.of("x"), List.of("y"))
            .node("ConstantOfShape", List.of("size"), List.of("z"));
    refused(computed.bytes(), "ConstantOfShape", "1,000,000,000,000,000");
    for (String operator : List.of("Expand", "Tile")) {
      refused(
          new OnnxBuilder()
              .input("x", "float32", "n", 2)
              .shapeless("y", "float32")
              .integers("size", new long[] {1 << 20, 1 << 20}, 2)
              .node(operator, List.of("x", "size"), List.of("y"))
              .bytes(),
          operator);
    }
    refused(
        new OnnxBuilder()
            .input("x", "float32", "n", 2)
            .shapeless("y", "float32")
            .integers("pads", new long[] {0, 1L << 40, 0, 0}, 4)
            .node("Pad", List.of("x", "pads"), List.of("y"))
            .bytes(),
        "Pad");
    refused(
        new OnnxBuilder()
            .shapeless("y", "float32")
            .node("RandomNormal", List.of(), List.of("y"), "shape=1000000,1000000,")
            .bytes(),
        "RandomNormal");
    refused(
        new OnnxBuilder()
            .shapeless("y", "int64")
            .integers("start", new long[] {0})
            .integers("limit", new long[] {1L << 40})
            .integers("delta", new long[] {1})
            .node("Range", List.of("start", "limit", "delta"), List.of("y"))
            .bytes(),
        "Range");
  }

  @Test
  void nodesThatLackWhatTheyNeedAreLeftToOnnxRuntime() throws Exception {
    for (String operator : List.of("Pad", "Range", "Resize", "Tile", "ConstantOfShape", "Loop")) {
      OnnxBuilder builder =
          new OnnxBuilder()
              .input("x", "float32", "n", 2)
              .shapeless("y", "float32")
              .node(operator, List.of(), List.of("y"));
      OnnxModel model =
          OnnxReader.read(builder.write(folder.resolve("model.onnx")), Limits.usual());
      assertThat(Inspection.strange(model, folder, 1 << 20, true)).isEmpty();
    }
  }

  @Test
  void functionsThatCallOneAnotherInACircleAreRefused() throws Exception {
    Message call =
        new Message().text(1, "a").text(2, "b").text(3, "again").text(4, "F").text(7, "own");
    Message function =
        new Message().text(1, "F").text(4, "a").text(5, "b").message(7, call).text(10, "own");
    byte[] graph =
        new OnnxBuilder()
            .input("x", "float32", "n", 2)
            .output("y", "float32", "n", 2)
            .node("own", "F", List.of("x"), List.of("y"))
            .bytes();
    byte[] more = new Message().message(25, function).toBytes();
    byte[] both = Arrays.copyOf(graph, graph.length + more.length);
    System.arraycopy(more, 0, both, graph.length, more.length);
    refused(both, "function 'F'", "circle");
  }
}
