package kr.madang.control.config;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kr.madang.sdk.config.Secret;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/** Finds what {@code ${secret:name}} stands for: a file of the home, or the environment. */
public final class Secrets {
  private static final Pattern REFERENCE =
      Pattern.compile("\\$\\{secret:([a-z0-9][a-z0-9._-]{0,62})}");
  private static final int MAX_BYTES = 1 << 16;

  private final Path folder;
  private final Function<String, @Nullable String> environment;

  /** Looks into a folder, then into the environment of this process. */
  public Secrets(Path folder) {
    this(folder, System::getenv);
  }

  Secrets(Path folder, Function<String, @Nullable String> environment) {
    this.folder = folder;
    this.environment = environment;
  }

  /** Whether a text means to be a reference. */
  static boolean isReference(String text) {
    return text.startsWith("${secret:");
  }

  /** Whether there is a reference anywhere in a text; within another text none is replaced. */
  static boolean mentions(String text) {
    return text.contains("${secret:");
  }

  /** Throws a CONFIG_INVALID that names the secret and never shows it. */
  Secret resolve(String text) {
    Matcher matcher = REFERENCE.matcher(text);
    if (!matcher.matches()) {
      throw invalid(
          "expected ${secret:name} with a name of a-z, 0-9, '.', '_' and '-', got "
              + (isReference(text) ? "'" + text + "'" : "the secret itself")
              + "; put the secret into "
              + folder.resolve("name")
              + " (mode 600)");
    }
    String name = matcher.group(1);
    Path file = folder.resolve(name);
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
      return new Secret(read(name, file));
    }
    String variable = "MADANG_SECRET_" + name.toUpperCase(Locale.ROOT).replaceAll("[^A-Z0-9]", "_");
    String value = environment.apply(variable);
    if (value == null) {
      throw invalid(
          "secret '"
              + name
              + "' is missing: put it into "
              + file
              + " (mode 600) or into "
              + variable);
    }
    return new Secret(value);
  }

  private static String read(String name, Path file) {
    try {
      var view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
      if (view != null) {
        Set<PosixFilePermission> mode = view.readAttributes().permissions();
        if (mode.stream().anyMatch(bit -> !bit.name().startsWith("OWNER"))) {
          throw invalid(
              "secret '" + name + "' can be read or changed by others: chmod 600 " + file);
        }
      }
      if (Files.size(file) > MAX_BYTES) {
        throw invalid("secret '" + name + "' in " + file + " is longer than 64 KiB");
      }
      String value = Files.readString(file, StandardCharsets.UTF_8);
      if (value.endsWith("\n")) {
        value = value.substring(0, value.length() - (value.endsWith("\r\n") ? 2 : 1));
      }
      if (value.isEmpty()) {
        throw invalid("secret '" + name + "' in " + file + " is empty");
      }
      return value;
    } catch (IOException e) {
      throw invalid(
          "secret '" + name + "' in " + file + " cannot be read: " + e.getClass().getSimpleName());
    }
  }

  private static PluginException invalid(String message) {
    return new PluginException(ErrorCode.CONFIG_INVALID, message);
  }
}
