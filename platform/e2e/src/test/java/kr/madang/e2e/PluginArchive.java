package kr.madang.e2e;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import kr.madang.sdk.Plugin;

/** Packs the plugins of these tests, as an author would. */
final class PluginArchive {
  private PluginArchive() {}

  /** An archive of a plugin's whole package. */
  static byte[] of(String id, String version, Class<? extends Plugin> entry) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      entry(
          zip,
          "plugin.properties",
          """
          plugin.id=%s
          plugin.version=%s
          plugin.requires=>=0.1.0 & <1.0.0
          plugin.description=Counts
          plugin.provider=Tests
          plugin.license=Apache-2.0
          """
              .formatted(id, version)
              .getBytes(StandardCharsets.UTF_8));
      entry(zip, "lib/" + id + ".jar", jar(entry));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** An archive of a folder as a project keeps it in {@code src/main/plugin}. */
  static byte[] of(Path folder, String version) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes);
        Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
        String name = folder.relativize(file).toString();
        entry(
            zip,
            name,
            name.equals("plugin.properties")
                ? Files.readString(file)
                    .replace("${project.version}", version)
                    .getBytes(StandardCharsets.UTF_8)
                : Files.readAllBytes(file));
      }
    }
    return bytes.toByteArray();
  }

  /** An archive of one model with an input {@code x}, which is made from one field. */
  static byte[] ofModel(String id, String version, String model, String field, byte[] onnx) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      // Weights hardly get smaller, and large ones take long.
      zip.setLevel(1);
      entry(
          zip,
          "plugin.properties",
          "plugin.id=%s\nplugin.version=%s\nplugin.requires=*\n"
              .formatted(id, version)
              .getBytes(StandardCharsets.UTF_8));
      entry(
          zip,
          "models/" + model + "/model.yaml",
          "name: %s\nversion: %s\ninputs: { x: { fields: [%s] } }\n"
              .formatted(model, version, field)
              .getBytes(StandardCharsets.UTF_8));
      entry(zip, "models/" + model + "/model.onnx", onnx);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] jar(Class<? extends Plugin> plugin) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    String folder = plugin.getPackageName().replace('.', '/');
    try (ZipOutputStream jar = new ZipOutputStream(bytes)) {
      entry(
          jar,
          "META-INF/services/kr.madang.sdk.Plugin",
          plugin.getName().getBytes(StandardCharsets.UTF_8));
      Path classes =
          Path.of(plugin.getProtectionDomain().getCodeSource().getLocation().getPath())
              .resolve(folder);
      try (Stream<Path> files = Files.list(classes)) {
        for (Path file : files.sorted().toList()) {
          try (InputStream in = Files.newInputStream(file)) {
            entry(jar, folder + "/" + file.getFileName(), in.readAllBytes());
          }
        }
      }
    }
    return bytes.toByteArray();
  }

  private static void entry(ZipOutputStream zip, String name, byte[] content) throws IOException {
    zip.putNextEntry(new ZipEntry(name));
    zip.write(content);
    zip.closeEntry();
  }
}
