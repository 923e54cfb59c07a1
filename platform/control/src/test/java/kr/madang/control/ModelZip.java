package kr.madang.control;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import kr.madang.inference.OnnxBuilder;

/** Packs a model with one input {@code x}, as somebody uploads it. */
final class ModelZip {
  private final Map<String, byte[]> files = new LinkedHashMap<>();

  ModelZip(String name, String version, OnnxBuilder onnx) {
    this(name, version, onnx.bytes());
  }

  ModelZip(String name, String version, byte[] onnx) {
    file(
        "model.yaml",
        "name: %s\nversion: %s\ninputs: { x: { fields: [value] } }\n".formatted(name, version));
    files.put("model.onnx", onnx);
  }

  /** Adds a file, or replaces it. */
  ModelZip file(String name, String text) {
    files.put(name, text.getBytes(StandardCharsets.UTF_8));
    return this;
  }

  /** Says more in {@code model.yaml}. */
  ModelZip says(String more) {
    return file(
        "model.yaml", new String(files.get("model.yaml"), StandardCharsets.UTF_8) + more + "\n");
  }

  Path in(Path folder) {
    try {
      Path file = Files.createTempFile(folder, "upload", ".zip");
      try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
        for (Map.Entry<String, byte[]> one : files.entrySet()) {
          zip.putNextEntry(new ZipEntry(one.getKey()));
          zip.write(one.getValue());
        }
      }
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
