package kr.madang.host;

import java.text.Normalizer;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import kr.madang.sdk.error.PluginException;

/** Checks the names of an archive's entries, each alone and against one another. */
final class EntryNames {
  private static final String FORBIDDEN = "\\:*?\"<>|";

  private final ArchiveLimits limits;

  /** By folded name. */
  private final Map<String, Kind> seen = new HashMap<>();

  private enum Kind {
    FILE,
    FOLDER,
    IMPLIED_FOLDER
  }

  EntryNames(ArchiveLimits limits) {
    this.limits = limits;
  }

  /** Gives the name back if it may be used. */
  String checked(String name, boolean folder) {
    if (name.length() > limits.pathLength()) {
      throw refused(name, "has a name longer than " + limits.pathLength() + " characters");
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (Character.isISOControl(c) || FORBIDDEN.indexOf(c) >= 0) {
        throw refused(name, "has a character in its name that not every system can write");
      }
    }
    String[] parts = name.split("/", -1);
    if (parts.length > limits.depth()) {
      throw refused(name, "lies deeper than " + limits.depth() + " folders");
    }
    for (String part : parts) {
      if (part.isEmpty() || part.equals(".") || part.equals("..")) {
        throw refused(name, "has a name that leads out of the archive or is not in its plain form");
      }
      if (part.endsWith(".") || part.endsWith(" ")) {
        throw refused(name, "has a name with a part that ends with a dot or a space");
      }
    }
    if (name.equalsIgnoreCase(Label.FILE)) {
      throw refused(name, "has a name that the host keeps for itself");
    }
    remember(name, folder, parts);
    return name;
  }

  private void remember(String name, boolean folder, String[] parts) {
    StringBuilder above = new StringBuilder();
    for (int i = 0; i < parts.length - 1; i++) {
      above.append(i == 0 ? "" : "/").append(parts[i]);
      if (seen.putIfAbsent(folded(above.toString()), Kind.IMPLIED_FOLDER) == Kind.FILE) {
        throw refused(name, "lies below an entry that is a file");
      }
    }
    Kind before = seen.put(folded(name), folder ? Kind.FOLDER : Kind.FILE);
    if (before != null && !(folder && before == Kind.IMPLIED_FOLDER)) {
      throw refused(name, "is there twice, perhaps in another spelling of upper and lower case");
    }
  }

  private static String folded(String name) {
    return Normalizer.normalize(name, Normalizer.Form.NFC)
        .toUpperCase(Locale.ROOT)
        .toLowerCase(Locale.ROOT);
  }

  private static PluginException refused(String name, String what) {
    return ZipDirectory.refused(name, what);
  }
}
