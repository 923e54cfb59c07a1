package kr.madang.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;
import org.pf4j.DefaultPluginDescriptor;
import org.pf4j.DefaultVersionManager;
import org.pf4j.PluginDescriptor;
import org.pf4j.PropertiesPluginDescriptorFinder;
import org.pf4j.VersionManager;

/**
 * What {@code plugin.properties} says, checked.
 *
 * @param ref id and version
 * @param requires a range of SDK versions
 */
record Descriptor(
    PluginRef ref, String requires, String description, String provider, String license) {
  static final String FILE = "plugin.properties";
  static final VersionManager VERSIONS = new DefaultVersionManager();
  private static final Pattern VERSION = Pattern.compile("[0-9A-Za-z.+-]{5,64}");
  private static final long MAX_BYTES = 64 << 10;

  /** Reads the descriptor in a plugin's folder. */
  static Descriptor read(Path folder) {
    Path file = folder.resolve(FILE);
    if (!Files.isRegularFile(file)) {
      throw refused(
          FILE
              + " is missing at the root of the archive; expected plugin.id, plugin.version and"
              + " plugin.requires in it");
    }
    PluginDescriptor read;
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw refused(FILE + " is larger than " + MAX_BYTES + " bytes");
      }
      read = new PropertiesPluginDescriptorFinder().find(folder);
    } catch (IOException | RuntimeException e) {
      throw e instanceof PluginException known ? known : refused(FILE + " cannot be read: " + e);
    }
    return checked(read);
  }

  private static Descriptor checked(PluginDescriptor read) {
    String id = needed("plugin.id", read.getPluginId());
    if (!Offer.NAME.matcher(id).matches()) {
      throw wrong("plugin.id", id, Offer.NAME.pattern());
    }
    String version = needed("plugin.version", read.getVersion());
    if (!VERSION.matcher(version).matches() || !parses(version)) {
      throw wrong("plugin.version", version, "a semantic version such as 1.2.0");
    }
    if (!read.getDependencies().isEmpty()) {
      throw refused(
          FILE
              + ": plugin.dependencies is not supported, plugins do not see one another:"
              + " put what it needs into lib/");
    }
    return new Descriptor(
        new PluginRef(id, version),
        read.getRequires().trim(),
        text(read.getPluginDescription()),
        text(read.getProvider()),
        text(read.getLicense()));
  }

  private static boolean parses(String version) {
    try {
      return VERSIONS.compareVersions(version, version) == 0;
    } catch (RuntimeException e) {
      return false;
    }
  }

  private static String needed(String key, @Nullable String value) {
    if (value == null || value.isBlank()) {
      throw refused(FILE + ": " + key + " is missing");
    }
    return value.trim();
  }

  private static String text(@Nullable String value) {
    return value == null ? "" : value.trim();
  }

  /** Refuses a plugin that does not work with this SDK. */
  void checkSdk(String sdkVersion) {
    boolean fits;
    try {
      fits = VERSIONS.checkVersionConstraint(sdkVersion, requires);
    } catch (RuntimeException e) {
      throw wrong("plugin.requires", requires, "a range of versions such as >=0.1.0 & <1.0.0");
    }
    if (!fits) {
      throw refused(
          "plugin "
              + ref
              + " requires SDK "
              + requires
              + ", this runtime has "
              + sdkVersion
              + ": install a version of the plugin that was built for it");
    }
  }

  /** As PF4J takes it, with an id that lets versions stand side by side. */
  PluginDescriptor forPf4j() {
    return new DefaultPluginDescriptor(
        ref.toString(), description, "", ref.version(), requires, provider, license);
  }

  private static PluginException wrong(String key, String got, String expected) {
    return refused(FILE + ": " + key + " is '" + got + "'; expected " + expected);
  }

  private static PluginException refused(String message) {
    return new PluginException(HostError.PLUGIN_REFUSED, message);
  }
}
