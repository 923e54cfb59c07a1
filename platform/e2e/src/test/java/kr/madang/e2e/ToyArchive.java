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
import kr.madang.e2e.toy.ToyPlugin;

/** Packs the plugin of these tests. */
final class ToyArchive {
  private ToyArchive() {}

  static byte[] of(String id, String version) {
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
      entry(zip, "lib/toy.jar", jar());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] jar() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream jar = new ZipOutputStream(bytes)) {
      entry(
          jar,
          "META-INF/services/kr.madang.sdk.Plugin",
          ToyPlugin.class.getName().getBytes(StandardCharsets.UTF_8));
      Path classes =
          Path.of(ToyPlugin.class.getProtectionDomain().getCodeSource().getLocation().getPath())
              .resolve("kr/madang/e2e/toy");
      try (Stream<Path> files = Files.list(classes)) {
        for (Path file : files.sorted().toList()) {
          try (InputStream in = Files.newInputStream(file)) {
            entry(jar, "kr/madang/e2e/toy/" + file.getFileName(), in.readAllBytes());
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
