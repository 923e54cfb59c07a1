package kr.madang.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import kr.madang.sdk.error.PluginException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The models of a home that came without a plugin: a folder {@code NAME@VERSION} each, which is
 * there as a whole or not at all and never changes. What a model says of itself is not read here.
 * Any thread.
 */
public final class ModelStore {
  private static final Logger LOG = LoggerFactory.getLogger(ModelStore.class);
  private static final String UNPACKED = "unpacked";
  private static final int MOST_NAME = 200;

  private final Path folder;
  private final Path staging;
  private final ArchiveLimits limits;
  private final Map<String, KeptModel> kept = new ConcurrentHashMap<>();
  private final ReentrantLock moving = new ReentrantLock();

  private ModelStore(Path folder, ArchiveLimits limits) {
    this.folder = folder.toAbsolutePath().normalize();
    this.staging = this.folder.resolve(".staging");
    this.limits = limits;
  }

  /**
   * Opens a store: clears what an interrupted upload left and reads the labels. The files of a
   * model are hashed by {@link #check}, so that a start does not wait for gigabytes.
   *
   * @param folder need not be there; one store at a time
   * @throws IOException when the folder cannot be read
   */
  public static ModelStore open(Path folder, ArchiveLimits limits) throws IOException {
    ModelStore store = new ModelStore(folder, limits);
    for (Path left : Folders.children(store.staging)) {
      Folders.delete(left);
    }
    for (Path home : Folders.children(store.folder)) {
      String name = String.valueOf(home.getFileName());
      if (Files.isDirectory(home) && !name.startsWith(".")) {
        store.kept.put(name, KeptModel.read(home));
      }
    }
    return store;
  }

  /**
   * Unpacks an archive within limits. The files lie at its root, or in the one folder there.
   *
   * @return to be closed; then its files are gone unless they were kept
   * @throws PluginException MODEL_REFUSED with the reason; STORAGE when the disk is full
   */
  public StagedModel stage(Path archive) {
    try {
      if (Files.size(archive) > limits.archiveBytes()) {
        throw new PluginException(
            HostError.MODEL_REFUSED,
            "the archive is larger than " + limits.archiveBytes() + " bytes");
      }
      Files.createDirectories(staging);
      Path work = Files.createTempDirectory(staging, "upload-");
      boolean done = false;
      try {
        Path unpacked = Files.createDirectory(work.resolve(UNPACKED));
        Unpacker.unpack(archive, unpacked, limits);
        Path root = root(unpacked);
        StagedModel staged =
            new StagedModel(work, root, Label.of(root, "", Names.NOTHING).contents());
        done = true;
        return staged;
      } finally {
        if (!done) {
          Folders.delete(work);
        }
      }
    } catch (PluginException e) {
      throw e.code().equals(HostError.PLUGIN_REFUSED)
          ? new PluginException(HostError.MODEL_REFUSED, String.valueOf(e.getMessage()), e)
          : e;
    } catch (IOException e) {
      throw unwritten("the model", e);
    }
  }

  private static Path root(Path unpacked) throws IOException {
    List<Path> children = Folders.children(unpacked);
    return children.size() == 1 && Files.isDirectory(children.getFirst())
        ? children.getFirst()
        : unpacked;
  }

  /**
   * Moves a model into its place in one step, after it was forced to the disk. What is there
   * already with the same digest stays, unless it is damaged.
   *
   * @param report what was found about it, kept beside it
   * @throws PluginException CONFLICT when this name and version is there with another digest;
   *     STORAGE when the disk is full
   */
  public StoredModel keep(StagedModel staged, String name, String version, String report) {
    String ref = name + "@" + version;
    Path target = folder.resolve(ref).normalize();
    if (!folder.equals(target.getParent()) || ref.length() > MOST_NAME || ref.startsWith(".")) {
      throw new PluginException(
          HostError.MODEL_REFUSED,
          "name and version: expected at most "
              + MOST_NAME
              + " characters that can be the name of a folder, got '"
              + ref
              + "'");
    }
    moving.lock();
    try {
      KeptModel known = kept.get(ref);
      if (known != null && known.check().isEmpty()) {
        refuseOther(known, staged.digest());
        return known.snapshot();
      }
      Path home = staged.work().resolve("home");
      Files.createDirectory(home);
      Files.move(staged.folder(), home.resolve(KeptModel.PACKAGE));
      Files.writeString(home.resolve(KeptModel.REPORT), report, StandardCharsets.UTF_8);
      Label.of(home, staged.digest(), Names.NOTHING).write(home);
      Folders.force(home);
      if (Files.exists(target)) {
        // Damaged: this one takes its place.
        Files.move(target, staged.work().resolve("damaged"), StandardCopyOption.ATOMIC_MOVE);
      }
      Files.move(home, target, StandardCopyOption.ATOMIC_MOVE);
      Folders.forceOne(folder);
      KeptModel fresh = KeptModel.read(target);
      kept.put(ref, fresh);
      LOG.info("model {} is stored, digest {}", ref, staged.digest());
      return fresh.snapshot();
    } catch (IOException e) {
      throw unwritten("model " + ref, e);
    } finally {
      moving.unlock();
    }
  }

  /**
   * Says whether an undamaged model of this name and version is there.
   *
   * @throws PluginException CONFLICT when it has another digest
   */
  public boolean holds(String name, String version, String digest) {
    KeptModel known = kept.get(name + "@" + version);
    if (known == null || known.check().isPresent()) {
      return false;
    }
    refuseOther(known, digest);
    return true;
  }

  private static void refuseOther(KeptModel known, String digest) {
    if (!known.digest().equals(digest)) {
      throw new PluginException(
          HostError.CONFLICT,
          "model "
              + known.ref()
              + " is there with digest "
              + known.digest()
              + ", this one has "
              + digest
              + ": give it a new version, or delete the other first");
    }
  }

  /** All models, by name and version. */
  public List<StoredModel> list() {
    return kept.values().stream()
        .map(KeptModel::snapshot)
        .sorted(
            Comparator.comparing(StoredModel::name)
                .thenComparing(StoredModel::version, PluginHost::compareVersions))
        .toList();
  }

  /** One model. */
  public Optional<StoredModel> find(String name, String version) {
    return Optional.ofNullable(kept.get(name + "@" + version)).map(KeptModel::snapshot);
  }

  /**
   * Hashes the files of a model and compares them with its label, once after each start; what
   * {@link #list} says of it is right from then on.
   *
   * @return what is damaged; empty if nothing is, or if it is not there
   */
  public Optional<String> check(String name, String version) {
    KeptModel known = kept.get(name + "@" + version);
    return known == null ? Optional.empty() : known.check();
  }

  /** Takes a model away in one step, then deletes it; false if it is not there. */
  public boolean remove(String name, String version) {
    String ref = name + "@" + version;
    moving.lock();
    try {
      KeptModel known = kept.remove(ref);
      if (known == null) {
        return false;
      }
      Files.createDirectories(staging);
      Path work = Files.createTempDirectory(staging, "remove-");
      if (Files.exists(known.home())) {
        Files.move(known.home(), work.resolve(UNPACKED), StandardCopyOption.ATOMIC_MOVE);
        Folders.forceOne(folder);
      }
      Folders.delete(work);
      LOG.info("model {} is deleted", ref);
      return true;
    } catch (IOException e) {
      throw new PluginException(
          HostError.STORAGE, "model " + ref + " could not be deleted: " + e, e);
    } finally {
      moving.unlock();
    }
  }

  private PluginException unwritten(String what, IOException e) {
    return new PluginException(
        HostError.STORAGE,
        what
            + " could not be written to "
            + folder
            + ": "
            + e
            + "; check the space and the rights there",
        e);
  }
}
