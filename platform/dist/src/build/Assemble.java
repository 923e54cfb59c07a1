import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** Builds target/madang from a class path; runs from source, on the JDK that the result is for. */
final class Assemble {
  /** All that a plugin may reasonably ask of Java, without windows. */
  private static final String MODULES =
      "java.base,java.compiler,java.instrument,java.logging,java.management,java.naming,"
          + "java.net.http,java.prefs,java.rmi,java.scripting,java.security.jgss,"
          + "java.security.sasl,java.sql,java.sql.rowset,java.transaction.xa,java.xml,"
          + "java.xml.crypto,jdk.charsets,jdk.crypto.ec,jdk.jcmd,jdk.jfr,jdk.management,"
          + "jdk.naming.dns,jdk.net,jdk.security.auth,jdk.unsupported,jdk.zipfs";

  private final Path sources;
  private final Path target;
  private final Path madang;
  private final String version;
  private final FileTime time;

  private Assemble(Path sources, Path target, String version, FileTime time) {
    this.sources = sources;
    this.target = target;
    this.madang = target.resolve("madang");
    this.version = version;
    this.time = time;
  }

  public static void main(String[] args) throws Exception {
    new Assemble(
            Path.of(args[0]), Path.of(args[1]), args[2], FileTime.from(Instant.parse(args[3])))
        .all();
  }

  private void all() throws Exception {
    long start = System.nanoTime();
    delete(madang);
    copyTree(sources, madang);
    List<Path> jars = new ArrayList<>();
    for (String name :
        Files.readString(target.resolve("classpath.txt")).strip().split(java.io.File.pathSeparator)) {
      Path file = Path.of(name);
      if (name.endsWith(".zip")) {
        plugin(file);
      } else {
        jars.add(file);
      }
    }
    boolean gpu = jars.stream().anyMatch(Assemble::isGpu);
    if (gpu) {
      // it holds all that the other one holds
      jars.removeIf(jar -> jar.getFileName().toString().startsWith("onnxruntime-"));
    }
    libraries(jars);
    say(start, "libraries and plugins");
    jre();
    say(start, "jre");
    describe();
    say(start, "names of the catalogue");
    fixTimes();
    train();
    say(start, "AOT cache");
    zip(gpu ? "-gpu" : "");
    say(start, "zip");
  }

  private void say(long start, String what) {
    System.out.printf(
        Locale.ROOT, "%s done after %.1f s%n", what, (System.nanoTime() - start) / 1e9);
  }

  // --- plugins, libraries ---

  private void plugin(Path zip) throws IOException {
    Path staging = target.resolve("plugin-staging");
    delete(staging);
    try (ZipFile archive = new ZipFile(zip.toFile())) {
      for (ZipEntry entry : archive.stream().toList()) {
        Path file = staging.resolve(entry.getName()).normalize();
        if (!file.startsWith(staging)) {
          throw new IOException(zip + " has an entry outside of itself: " + entry.getName());
        }
        if (entry.isDirectory()) {
          Files.createDirectories(file);
        } else {
          Files.createDirectories(file.getParent());
          Files.copy(archive.getInputStream(entry), file);
        }
      }
    }
    String id =
        Files.readAllLines(staging.resolve("plugin.properties")).stream()
            .filter(line -> line.startsWith("plugin.id="))
            .map(line -> line.substring("plugin.id=".length()).strip())
            .findFirst()
            .orElseThrow(() -> new IOException(zip + " names no plugin.id"));
    Path folder = madang.resolve("plugins").resolve(id);
    Files.createDirectories(folder.getParent());
    Files.move(staging, folder);
  }

  /** Lets the runtime know what each plugin offers, and its digest, without running it. */
  private void describe() throws Exception {
    Process process =
        new ProcessBuilder(
                madang.resolve("jre/bin/java").toString(),
                "@" + madang.resolve("conf/jvm.options"),
                "-cp",
                madang.resolve("lib/madang.jar").toString(),
                "kr.madang.host.Describe",
                madang.resolve("plugins").toString())
            .inheritIO()
            .start();
    if (!process.waitFor(120, TimeUnit.SECONDS) || process.exitValue() != 0) {
      process.destroyForcibly();
      throw new IllegalStateException("the plugins of the catalogue could not be described");
    }
  }

  private void libraries(List<Path> jars) throws IOException {
    Path lib = Files.createDirectories(madang.resolve("lib"));
    Path natives = Files.createDirectories(madang.resolve("native"));
    StringBuilder classPath = new StringBuilder();
    for (Path jar : jars) {
      String name = jar.getFileName().toString();
      Path copy = lib.resolve(name);
      if (name.startsWith("onnxruntime-") || isGpu(jar)) {
        split(jar, copy, natives, "ai/onnxruntime/native/", platform("linux-", "osx-", "win-"));
      } else if (name.startsWith("sqlite-jdbc-")) {
        split(jar, copy, natives, "org/sqlite/native/", platform("Linux/", "Mac/", "Windows/"));
      } else if (name.startsWith("netty-transport-native-epoll-")) {
        split(jar, copy, natives, "META-INF/native/", "");
      } else {
        Files.copy(jar, copy, StandardCopyOption.REPLACE_EXISTING);
      }
      classPath.append(name).append(' ');
    }
    Manifest manifest = new Manifest();
    Attributes main = manifest.getMainAttributes();
    main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
    main.put(Attributes.Name.MAIN_CLASS, "kr.madang.launcher.Main");
    main.put(Attributes.Name.IMPLEMENTATION_VERSION, version);
    main.put(Attributes.Name.CLASS_PATH, classPath.toString().strip());
    try (JarOutputStream out = new JarOutputStream(stream(lib.resolve("madang.jar")))) {
      put(out, JarFile.MANIFEST_NAME);
      manifest.write(out);
      out.closeEntry();
    }
  }

  /** The folder of this platform in a jar; SQLite spells processors in its own way. */
  private static String platform(String linux, String mac, String windows) {
    String os = System.getProperty("os.name");
    boolean arm = System.getProperty("os.arch").equals("aarch64");
    String prefix = os.startsWith("Linux") ? linux : os.startsWith("Mac") ? mac : windows;
    boolean sqlite = prefix.endsWith("/");
    return prefix + (arm ? "aarch64" : sqlite ? "x86_64" : "x64") + "/";
  }

  /** Takes the native libraries out of a jar: nothing has to be unpacked at run time. */
  private void split(Path jar, Path copy, Path natives, String folder, String platform)
      throws IOException {
    boolean found = false;
    try (ZipFile in = new ZipFile(jar.toFile());
        JarOutputStream out = new JarOutputStream(stream(copy))) {
      for (ZipEntry entry : in.stream().toList()) {
        String name = entry.getName();
        if (!name.startsWith(folder)) {
          put(out, name);
          in.getInputStream(entry).transferTo(out);
          out.closeEntry();
        } else if (name.startsWith(folder + platform)
            && name.indexOf('/', (folder + platform).length()) < 0
            && !entry.isDirectory()) {
          Path file = natives.resolve(name.substring(name.lastIndexOf('/') + 1));
          Files.copy(in.getInputStream(entry), file, StandardCopyOption.REPLACE_EXISTING);
          Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
          found = true;
        }
      }
    }
    if (!found) {
      throw new IOException(jar + " has no native library for this platform: " + platform);
    }
  }

  private void put(JarOutputStream out, String name) throws IOException {
    ZipEntry entry = new ZipEntry(name);
    entry.setTimeLocal(LocalDateTime.ofInstant(time.toInstant(), ZoneOffset.UTC));
    out.putNextEntry(entry);
  }

  // --- Java ---

  private void jre() {
    int status =
        ToolProvider.findFirst("jlink")
            .orElseThrow(() -> new IllegalStateException("this JDK has no jlink"))
            .run(
                System.out,
                System.err,
                "--add-modules",
                MODULES,
                "--output",
                madang.resolve("jre").toString(),
                "--no-header-files",
                "--no-man-pages",
                "--strip-java-debug-attributes");
    if (status != 0) {
      throw new IllegalStateException("jlink ended with " + status);
    }
  }

  /** One life of a runtime from start to stop, in which the JVM notes what it loads and links. */
  private void train() throws Exception {
    Path cache = madang.resolve("lib/madang.aot");
    Path home = target.resolve("training");
    delete(home);
    List<String> command =
        List.of(
            madang.resolve("bin/madang").toString(),
            "serve",
            "--port",
            "0",
            "--home",
            home.toString());
    ProcessBuilder builder = new ProcessBuilder(command);
    Map<String, String> environment = builder.environment();
    new HashMap<>(environment)
        .keySet().stream().filter(key -> key.startsWith("MADANG_")).forEach(environment::remove);
    environment.put("MADANG_JAVA_OPTS", "-XX:AOTCacheOutput=" + cache);
    // A build may run in a container; what this home holds is thrown away.
    environment.put("MADANG_JOURNAL_ALLOWANYFILESYSTEM", "true");
    builder.redirectError(target.resolve("training.log").toFile());
    Process process = builder.start();
    try (BufferedReader out =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = out.readLine();
      if (line == null || !line.startsWith("madang ready on ")) {
        throw new IllegalStateException("not ready, see " + target.resolve("training.log"));
      }
      knock(line.substring("madang ready on ".length()), home);
      process.toHandle().destroy();
      out.lines().forEach(more -> {});
    } finally {
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    }
    if (process.exitValue() != 0 || !Files.exists(cache)) {
      throw new IllegalStateException(
          "the training run ended with "
              + process.exitValue()
              + ", see "
              + target.resolve("training.log"));
    }
    Files.setLastModifiedTime(cache, time);
    delete(home);
  }

  private static void knock(String address, Path home) throws Exception {
    Path token = home.resolve("admin.token");
    String bearer = Files.exists(token) ? Files.readString(token).strip() : "none";
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (String path :
          List.of("/health/ready", "/api/v1", "/api/v1/plugins", "/api/v1/models", "/nothing")) {
        client.send(
            HttpRequest.newBuilder(URI.create(address + path))
                .header("Authorization", "Bearer " + bearer)
                .timeout(Duration.ofSeconds(10))
                .build(),
            HttpResponse.BodyHandlers.discarding());
      }
    }
  }

  // --- files ---

  private static OutputStream stream(Path file) throws IOException {
    return new BufferedOutputStream(Files.newOutputStream(file));
  }

  /** The AOT cache remembers the times of jars; a zip must give the same ones back. */
  private void fixTimes() throws IOException {
    try (Stream<Path> all = Files.walk(madang)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.setLastModifiedTime(path, time);
      }
    }
  }

  private static boolean isGpu(Path jar) {
    return jar.getFileName().toString().startsWith("onnxruntime_gpu-");
  }

  private void zip(String flavour) throws IOException {
    Path zip = target.resolve("madang-" + version + flavour + ".zip");
    Files.deleteIfExists(zip);
    URI uri = URI.create("jar:" + zip.toUri());
    try (FileSystem out =
            FileSystems.newFileSystem(
                uri, Map.of("create", "true", "enablePosixFileAttributes", "true"));
        Stream<Path> all = Files.walk(madang)) {
      for (Path path : new TreeSet<>(all.toList())) {
        Path entry = out.getPath("madang-" + version, madang.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(entry);
        } else {
          // Links of the JDK's legal notices become what they point to.
          Files.copy(path, entry);
          Files.setPosixFilePermissions(entry, Files.getPosixFilePermissions(path));
        }
        Files.setLastModifiedTime(entry, time);
      }
    }
  }

  private static void copyTree(Path from, Path to) throws IOException {
    try (Stream<Path> all = Files.walk(from)) {
      for (Path path : all.toList()) {
        Path copy = to.resolve(from.relativize(path).toString());
        if (Files.isDirectory(path)) {
          Files.createDirectories(copy);
        } else {
          Files.copy(path, copy, StandardCopyOption.COPY_ATTRIBUTES);
        }
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder())
          .forEach(
              path -> {
                try {
                  Files.delete(path);
                } catch (IOException e) {
                  throw new UncheckedIOException(e);
                }
              });
    }
  }
}
