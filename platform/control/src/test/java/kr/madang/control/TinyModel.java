package kr.madang.control;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import kr.madang.inference.OnnxBuilder;

/** Puts a plugin with one model and no code into a catalogue: {@code y} is {@code x}. */
final class TinyModel {
  private TinyModel() {}

  static void furnish(Path home, String version, byte[] onnx) {
    furnish(home, version, onnx, "");
  }

  /** A plugin of its own with one model and no declaration beyond its name. */
  static void furnish(Path home, String model, String version, OnnxBuilder onnx) {
    try {
      Path plugin = home.resolve("catalogue").resolve("of-" + model + "-" + version);
      Path folder = Files.createDirectories(plugin.resolve("models/" + model));
      Files.writeString(
          plugin.resolve("plugin.properties"),
          "plugin.id=of-%s\nplugin.version=%s\nplugin.requires=*\n".formatted(model, version));
      Files.writeString(
          folder.resolve("model.yaml"),
          """
          name: %s
          version: %s
          inputs: { x: { fields: [value] } }
          """
              .formatted(model, version));
      onnx.write(folder.resolve("model.onnx"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes a plugin with one model out of the catalogue of a home that is not open. */
  static void remove(Path home, String model, String version) {
    Path plugin = home.resolve("catalogue").resolve("of-" + model + "-" + version);
    try (Stream<Path> files = Files.walk(plugin)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One that says more of its input, such as {@code , unit: A}. */
  static void furnish(Path home, String version, byte[] onnx, String more) {
    try {
      Path plugin = home.resolve("catalogue").resolve("brain-" + version);
      Path folder = Files.createDirectories(plugin.resolve("models/echo"));
      Files.writeString(
          plugin.resolve("plugin.properties"),
          "plugin.id=brain\nplugin.version=%s\nplugin.requires=*\n".formatted(version));
      Files.writeString(
          folder.resolve("model.yaml"),
          """
          name: echo
          version: %s
          inputs: { x: { fields: [value], shape: [n, 1], type: float32%s } }
          outputs: { y: { field: echoed, unit: A } }
          """
              .formatted(version, more));
      Files.write(folder.resolve("model.onnx"), onnx);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** An ONNX file by the field numbers of onnx.proto. */
  static byte[] identity() {
    byte[] node = join(text(1, "x"), text(2, "y"), text(3, "id"), text(4, "Identity"));
    byte[] graph = join(part(1, node), text(2, "g"), part(11, column("x")), part(12, column("y")));
    return join(number(1, 8), part(7, graph), part(8, number(2, 13)));
  }

  private static byte[] column(String name) {
    byte[] shape = join(part(1, text(2, "n")), part(1, number(1, 1)));
    return join(text(1, name), part(2, part(1, join(number(1, 1), part(2, shape)))));
  }

  private static byte[] number(int field, int value) {
    return new byte[] {(byte) (field << 3), (byte) value};
  }

  private static byte[] text(int field, String value) {
    return part(field, value.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] part(int field, byte[] value) {
    return join(new byte[] {(byte) (field << 3 | 2), (byte) value.length}, value);
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }
}
