package kr.madang.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One model of a {@link ModelStore} on the disk. Any thread. */
final class KeptModel {
  static final String PACKAGE = "package";
  static final String REPORT = "report.json";

  private static final Logger LOG = LoggerFactory.getLogger(KeptModel.class);
  private static final long MOST_REPORT = 16 << 20;
  private static final String HALF =
      "its label " + Label.FILE + " is missing, so it was not stored by this host";

  private final Path home;
  private final String digest;
  private final String report;
  private final @Nullable Label label;

  /** What is wrong, empty for nothing; null as long as nobody has looked. */
  private volatile @Nullable String damage;

  private KeptModel(Path home, @Nullable Label label, String report, @Nullable String damage) {
    this.home = home;
    this.label = label;
    this.digest = label == null ? "" : label.digest();
    this.report = report;
    this.damage = damage;
  }

  /** Reads a folder, whatever state it is in; hashes nothing. */
  static KeptModel read(Path home) {
    try {
      Optional<Label> label = Label.read(home);
      if (label.isEmpty()) {
        return broken(home, HALF);
      }
      Path file = home.resolve(REPORT);
      if (Files.size(file) > MOST_REPORT) {
        return broken(home, REPORT + " is longer than " + MOST_REPORT + " bytes");
      }
      return new KeptModel(home, label.get(), Files.readString(file), null);
    } catch (IOException | RuntimeException e) {
      return broken(home, "its files cannot be read: " + e.getMessage());
    }
  }

  private static KeptModel broken(Path home, String why) {
    LOG.error("model {}: {}", home, why);
    return new KeptModel(home, null, "", why);
  }

  /** What is damaged; the files are hashed with the first call. */
  Optional<String> check() {
    String known = damage;
    if (known == null) {
      synchronized (this) {
        known = damage;
        if (known == null) {
          known = label == null ? HALF : label.damage(home).orElse("");
          damage = known;
          if (!known.isEmpty()) {
            LOG.error("model {}: {}", home, known);
          }
        }
      }
    }
    return known.isEmpty() ? Optional.empty() : Optional.of(known);
  }

  Path home() {
    return home;
  }

  String digest() {
    return digest;
  }

  String ref() {
    return String.valueOf(home.getFileName());
  }

  StoredModel snapshot() {
    String ref = ref();
    int at = ref.indexOf('@');
    String known = damage;
    return new StoredModel(
        at < 0 ? ref : ref.substring(0, at),
        at < 0 ? "" : ref.substring(at + 1),
        digest,
        home.resolve(PACKAGE),
        report,
        known == null ? "" : known);
  }
}
