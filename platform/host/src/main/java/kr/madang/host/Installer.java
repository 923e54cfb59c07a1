package kr.madang.host;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/** Brings archives into the plugin folder, whole or not at all. */
final class Installer {
  private static final String ARCHIVE = "archive.zip";
  private static final String UNPACKED = "unpacked";

  private final HostOptions options;
  private final Path staging;
  private final Path cache;
  private final ReentrantLock moving = new ReentrantLock();

  Installer(HostOptions options) {
    this.options = options;
    staging = options.plugins().resolve(".staging");
    cache = options.plugins().resolve(".catalogue");
  }

  /** Removes what an interrupted install or uninstall left. */
  void clearStaging() throws IOException {
    Files.createDirectories(staging);
    for (Path left : Folders.children(staging)) {
      Folders.delete(left);
    }
  }

  /** Removes unpacked catalogue archives that no catalogue holds any more. */
  void clearCache(Collection<Slot> used) throws IOException {
    Set<Path> homes = used.stream().map(Slot::home).collect(Collectors.toSet());
    for (Path unpacked : Folders.children(cache)) {
      if (!homes.contains(unpacked)) {
        Folders.delete(unpacked);
      }
    }
  }

  Slot install(Path archive, Map<PluginRef, Slot> slots) {
    try {
      Path work = Files.createTempDirectory(staging, "install-");
      try {
        return install(archive, work, slots);
      } finally {
        Folders.delete(work);
      }
    } catch (IOException e) {
      throw new PluginException(
          HostError.STORAGE,
          "the plugin could not be written to "
              + options.plugins()
              + ": "
              + e
              + "; check the space and the rights there",
          e);
    }
  }

  private Slot install(Path archive, Path work, Map<PluginRef, Slot> slots) throws IOException {
    String digest = copy(archive, work.resolve(ARCHIVE));
    Path folder = unpack(work);
    Descriptor descriptor = Descriptor.read(folder);
    descriptor.checkSdk(options.sdkVersion());
    Optional<Slot> known = same(slots.get(descriptor.ref()), digest);
    if (known.isPresent()) {
      return known.get();
    }
    Names names = check(folder, descriptor, work);
    Label.of(folder, digest, names).write(folder);
    Folders.force(folder);
    return move(folder, work, descriptor.ref(), digest, slots);
  }

  /** The work that needs no place yet: what the archive holds must be able to run here. */
  private Names check(Path folder, Descriptor descriptor, Path work) throws IOException {
    List<Path> jars =
        Folders.children(folder.resolve("lib")).stream()
            .filter(file -> file.toString().endsWith(".jar"))
            .toList();
    if (jars.isEmpty() && PluginFolder.models(folder).isEmpty()) {
      throw new PluginException(
          HostError.PLUGIN_REFUSED,
          "plugin "
              + descriptor.ref()
              + " holds neither code nor a model; expected lib/*.jar or models/NAME/model.yaml");
    }
    if (jars.isEmpty()) {
      return Names.NOTHING;
    }
    Bundled.check(jars);
    Names names = ProbeRun.of(options, folder, descriptor.ref(), work);
    if (names.equals(Names.NOTHING) && PluginFolder.models(folder).isEmpty()) {
      throw new PluginException(
          HostError.PLUGIN_REFUSED,
          "plugin "
              + descriptor.ref()
              + " offers nothing; expected an entry named in META-INF/services/"
              + "kr.madang.sdk.Plugin that offers a stage or a model, or models/NAME/model.yaml");
    }
    return names;
  }

  private Path unpack(Path work) throws IOException {
    Path folder = Files.createDirectory(work.resolve(UNPACKED));
    Unpacker.unpack(work.resolve(ARCHIVE), folder, options.limits());
    return folder;
  }

  /** The plugin that is there already, if it is this archive and undamaged. */
  private static Optional<Slot> same(@Nullable Slot known, String digest) {
    if (known == null || known.from() == PluginOrigin.CATALOGUE || known.damage().isPresent()) {
      return Optional.empty();
    }
    if (!known.digest().equals(digest)) {
      throw new PluginException(
          HostError.CONFLICT,
          "plugin "
              + known.ref()
              + " is installed with digest "
              + known.digest()
              + ", this archive has "
              + digest
              + ": give it a new version, or uninstall the other first");
    }
    return Optional.of(known);
  }

  private Slot move(
      Path folder, Path work, PluginRef ref, String digest, Map<PluginRef, Slot> slots)
      throws IOException {
    moving.lock();
    try {
      Slot known = slots.get(ref);
      Optional<Slot> same = same(known, digest);
      if (same.isPresent()) {
        return same.get();
      }
      if (known != null) {
        // Of the catalogue, or damaged: this one takes its place.
        known.stop(false, true);
      }
      Path target = options.plugins().resolve(ref.toString());
      if (Files.exists(target)) {
        Files.move(target, work.resolve("damaged"), StandardCopyOption.ATOMIC_MOVE);
      }
      Files.move(folder, target, StandardCopyOption.ATOMIC_MOVE);
      Folders.forceOne(options.plugins());
      Slot slot = PluginFolder.installed(options, target);
      slots.put(ref, slot);
      return slot;
    } finally {
      moving.unlock();
    }
  }

  /** Takes an installed plugin away in one step, then deletes it. */
  void remove(Slot slot, Map<PluginRef, Slot> slots) {
    moving.lock();
    try {
      Path work = Files.createTempDirectory(staging, "remove-");
      slots.remove(slot.ref(), slot);
      if (Files.exists(slot.home())) {
        Files.move(slot.home(), work.resolve(UNPACKED), StandardCopyOption.ATOMIC_MOVE);
        Folders.forceOne(options.plugins());
      }
      Folders.delete(work);
    } catch (IOException e) {
      throw new PluginException(
          HostError.STORAGE, "plugin " + slot.ref() + " could not be deleted: " + e, e);
    } finally {
      moving.unlock();
    }
  }

  /** Unpacks an archive of a catalogue where it can be read, once for each digest. */
  Slot unpackCatalogue(Path archive) throws IOException {
    Path target = cache.resolve(Digests.ofFile(archive));
    if (!Files.isDirectory(target)) {
      Files.createDirectories(cache);
      Path work = Files.createTempDirectory(staging, "catalogue-");
      try {
        String digest = copy(archive, work.resolve(ARCHIVE));
        Path folder = unpack(work);
        Folders.force(folder);
        Files.move(folder, cache.resolve(digest), StandardCopyOption.ATOMIC_MOVE);
        Folders.forceOne(cache);
      } finally {
        Folders.delete(work);
      }
    }
    return PluginFolder.catalogue(options, target);
  }

  private String copy(Path archive, Path to) throws IOException {
    MessageDigest digest = Digests.sha256();
    long total = 0;
    byte[] chunk = new byte[1 << 16];
    try (InputStream in = open(archive);
        OutputStream out = Files.newOutputStream(to)) {
      for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
        total += read;
        if (total > options.limits().archiveBytes()) {
          throw new PluginException(
              HostError.PLUGIN_REFUSED,
              "the archive is larger than " + options.limits().archiveBytes() + " bytes");
        }
        digest.update(chunk, 0, read);
        out.write(chunk, 0, read);
      }
    }
    return Digests.text(digest.digest());
  }

  private static InputStream open(Path archive) {
    try {
      return Files.newInputStream(archive);
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.NOT_FOUND, "archive " + archive + " cannot be read: " + e, e);
    }
  }
}
