package kr.madang.control;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import kr.madang.control.store.Store;
import kr.madang.host.HostError;
import kr.madang.sdk.error.PluginException;

/** Tokens and whom they stand for. A token itself is stored nowhere but in the file it came in. */
public final class Access {
  private static final int TOKEN_BYTES = 32;
  private static final MessageDigest SHA_256 = sha256();

  /** Callers by the hash of their token. */
  private final Map<ByteBuffer, Caller> tokens = new ConcurrentHashMap<>();

  Access() {}

  /** Reads the tokens; makes that of the first admin where there are none. */
  static Access open(Store store, Path home, InstantSource clock) {
    Access access = new Access();
    store.transaction(rows ->
        rows.read(
            "SELECT hash, subject, role, workspaces FROM token",
            row -> {
              Caller caller =
                  new Caller(
                      row.getString(2),
                      Role.valueOf(row.getString(3).toUpperCase(Locale.ROOT)),
                      Set.of(row.getString(4).split(" ")));
              access.tokens.put(ByteBuffer.wrap(row.getBytes(1)), caller);
              return true;
            }));
    if (access.tokens.isEmpty()) {
      String token = firstToken(home.resolve("admin.token"));
      access.add(store, clock, token, new Caller("admin", Role.ADMIN, Set.of("*")));
    }
    return access;
  }

  void add(Store store, InstantSource clock, String token, Caller caller) {
    byte[] hash = hash(token);
    store.transaction(rows ->
        rows.change(
            "INSERT INTO token (hash, subject, role, workspaces, created)"
                + " VALUES (?, ?, ?, ?, ?)",
            hash,
            caller.subject(),
            caller.role().name().toLowerCase(Locale.ROOT),
            String.join(" ", caller.workspaces()),
            clock.millis()));
    tokens.put(ByteBuffer.wrap(hash), caller);
  }

  /** Takes the token of a start that was cut off after it was written, or makes one. */
  private static String firstToken(Path file) {
    byte[] random = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(random);
    String token = "madang_" + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
    var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    try (FileChannel channel =
            FileChannel.open(
                file, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), mode);
        OutputStream out = Channels.newOutputStream(channel)) {
      out.write((token + "\n").getBytes(StandardCharsets.UTF_8));
      channel.force(true);
      return token;
    } catch (FileAlreadyExistsException e) {
      return existing(file);
    } catch (IOException e) {
      throw new PluginException(
          HostError.STORAGE,
          file + " cannot be written: " + e + "; mend the home or use another",
          e);
    }
  }

  private static String existing(Path file) {
    try {
      String token = Files.readString(file).strip();
      boolean shared =
          Files.getPosixFilePermissions(file).stream()
              .anyMatch(bit -> !bit.name().startsWith("OWNER"));
      if (token.length() < 40 || shared) {
        Files.delete(file);
        return firstToken(file);
      }
      return token;
    } catch (IOException e) {
      throw new PluginException(
          HostError.STORAGE, file + " cannot be read: " + e + "; delete it for a new one", e);
    }
  }

  /**
   * Whom a bearer token stands for; empty if nobody.
   *
   * @param bearer the token itself, without {@code Bearer}
   */
  public Optional<Caller> authenticate(String bearer) {
    if (bearer.length() > 1000) {
      return Optional.empty();
    }
    // where a look-up by hash ends early tells nothing of the token
    return Optional.ofNullable(tokens.get(ByteBuffer.wrap(hash(bearer))));
  }

  private static byte[] hash(String token) {
    try {
      // looking the algorithm up costs as much as the hash
      MessageDigest digest = (MessageDigest) SHA_256.clone();
      return digest.digest(token.getBytes(StandardCharsets.UTF_8));
    } catch (CloneNotSupportedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
