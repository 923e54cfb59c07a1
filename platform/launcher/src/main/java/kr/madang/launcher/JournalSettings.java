package kr.madang.launcher;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadFactory;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import kr.madang.journal.JournalOptions;
import kr.madang.journal.disk.Disk;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.config.Secret;
import kr.madang.sdk.config.Unit;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** How journals are kept; {@code journal} in {@code madang.yaml}. */
record JournalSettings(
    @Doc("Most bytes of the journal of one workspace; 16 GiB, or half of the disk if that is less.")
        @Unit("By")
        @Range(min = 4 << 20)
        Optional<Long> bytes,
    @Doc("Bytes of the disk that journals leave free; 64 MiB, or a sixteenth of a small disk.")
        @Unit("By")
        @Range(min = 0)
        Optional<Long> reserve,
    @Doc("How long the first row may wait for others to be forced with it.")
        @Default("5ms")
        @Range(min = 0, max = 1)
        Duration gather,
    @Doc("Makes rows smaller on the disk, for some processor time.") @Default("false")
        boolean compress,
    @Doc("Keeps rows secret: 16 to 64 random bytes in base64 or hex, by ${secret:name}.")
        Optional<Secret> key,
    @Doc("Keeps journals on network, overlay and other file systems that promise nothing.")
        @Default("false")
        boolean allowAnyFileSystem) {
  private static final long MOST = 16L << 30;
  private static final long RESERVE = 64L << 20;
  private static final int LEAST_KEY = 16;
  private static final int MOST_KEY = 64;
  private static final byte[] SALT = "madang journal 1".getBytes(StandardCharsets.UTF_8);

  JournalSettings {
    key.ifPresent(JournalSettings::material);
  }

  /** What the journal of a workspace is given. */
  JournalOptions options(
      String workspace, Path home, Disk disk, InstantSource clock, ThreadFactory threads) {
    JournalOptions preset = JournalOptions.of(disk, clock, threads);
    long size = size(home);
    return new JournalOptions(
        disk,
        clock,
        threads,
        bytes.orElse(Math.min(MOST, size / 2)),
        reserve.orElse(Math.min(RESERVE, size / 16)),
        preset.firstSegment(),
        preset.lastSegment(),
        gather,
        compress,
        key.map(secret -> derive(material(secret), workspace)));
  }

  private static long size(Path home) {
    try {
      FileStore store = Files.getFileStore(home);
      return store.getTotalSpace() <= 0 ? Long.MAX_VALUE : store.getTotalSpace();
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.EXHAUSTED, "the disk under " + home + " does not tell its size: " + e, e);
    }
  }

  /** A workspace that shows its key shows nothing of the others. */
  static byte[] derive(byte[] material, String workspace) {
    try {
      return KDF.getInstance("HKDF-SHA256")
          .deriveData(
              HKDFParameterSpec.ofExtract()
                  .addIKM(material)
                  .addSalt(SALT)
                  .thenExpand(workspace.getBytes(StandardCharsets.UTF_8), 32));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] material(Secret secret) {
    String text = secret.value().strip();
    byte[] bytes = {};
    try {
      bytes =
          text.matches("([0-9a-fA-F]{2})+")
              ? HexFormat.of().parseHex(text)
              : Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      // It shows below, and the message must not show what was tried.
    }
    if (bytes.length < LEAST_KEY || bytes.length > MOST_KEY) {
      throw new IllegalArgumentException(
          "journal.key: expected 16 to 64 random bytes in base64 or hex; make them by"
              + " (umask 077; head -c 32 /dev/urandom | base64 > HOME/secrets/NAME)");
    }
    return bytes;
  }
}
