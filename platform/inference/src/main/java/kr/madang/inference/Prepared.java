package kr.madang.inference;

import ai.onnxruntime.OrtEnvironment;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/**
 * The folder from which a model is loaded after it was examined. What ONNX Runtime has optimised
 * and packed fits one version of it and one kind of processor; a key says which.
 */
final class Prepared {
  static final String MODEL = "model.onnx";
  static final String WEIGHTS = "weights.bin";
  private static final String KEY = "prepared.key";
  private static final Path PROCESSOR = Path.of("/proc/cpuinfo");

  private Prepared() {}

  /** What this version on this machine writes and takes. */
  static String key(OrtEnvironment environment) {
    return "1 onnxruntime %s %s %s"
        .formatted(environment.getVersion(), System.getProperty("os.arch"), Processor.DIGEST);
  }

  private static final class Processor {
    static final String DIGEST = digest();

    private static String digest() {
      try (Stream<String> lines = Files.lines(PROCESSOR, StandardCharsets.UTF_8)) {
        List<String> some =
            lines
                .filter(line -> line.startsWith("flags") || line.startsWith("Features"))
                .limit(1)
                .toList();
        return HexFormat.of()
            .formatHex(sha256().digest(some.toString().getBytes(StandardCharsets.UTF_8)), 0, 8);
      } catch (IOException e) {
        return "unknown";
      }
    }
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Whether a folder was prepared, by this version on such a machine. */
  static boolean fits(Path folder) {
    try {
      return Files.isRegularFile(folder.resolve(MODEL))
          && Files.isRegularFile(folder.resolve(KEY))
          && Files.readString(folder.resolve(KEY)).equals(key(OrtLibrary.load().environment()));
    } catch (IOException e) {
      return false;
    }
  }

  /** Refuses a folder that was prepared elsewhere; one that was not prepared is fine. */
  static void check(String model, Path folder) {
    if (Files.exists(folder.resolve(KEY)) && !fits(folder)) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "model %s: folder %s was prepared by another version of ONNX Runtime or on another kind of processor; examine the model again"
              .formatted(model, folder.getFileName()));
    }
  }

  /** Marks a folder as done: the last thing that is written. */
  static void seal(Path folder, OrtEnvironment environment) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
          channel.force(true);
        }
      }
    }
    Path key = folder.resolve(KEY);
    Files.writeString(key, key(environment), StandardOpenOption.CREATE_NEW);
    try (FileChannel channel = FileChannel.open(key, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
  }

  /** Empties a folder of what an attempt has left. */
  static void clear(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
  }

  /** The bytes of all files of a folder. */
  static long bytes(Path folder) throws IOException {
    long sum = 0;
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        sum += Files.size(file);
      }
    }
    return sum;
  }
}
