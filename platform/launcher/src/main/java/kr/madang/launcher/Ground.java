package kr.madang.launcher;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/**
 * What a journal would stand on, and whether "forced" can be believed there.
 *
 * @param mount under the home
 * @param kind of its file system
 */
record Ground(Mount mount, Kind kind) {
  private static final Set<String> NETWORK =
      Set.of(
          "nfs",
          "nfs4",
          "cifs",
          "smb",
          "smb2",
          "smb3",
          "smbfs",
          "9p",
          "afs",
          "ceph",
          "glusterfs",
          "lustre",
          "gfs2",
          "ocfs2",
          "gpfs",
          "beegfs",
          "orangefs",
          "pvfs2",
          "coda",
          "ncpfs",
          "davfs",
          "webdav",
          "afpfs",
          "virtiofs",
          "vboxsf",
          "vmhgfs",
          "prl_fs",
          "drvfs",
          "macfuse");

  private static final Set<String> OVERLAY =
      Set.of("overlay", "overlayfs", "aufs", "unionfs", "mergerfs", "fuse.mergerfs");

  private static final Set<String> MEMORY = Set.of("tmpfs", "ramfs", "devtmpfs");

  /** What a file system is, for somebody who forces writes. */
  enum Kind {
    /** It writes to a disk of this machine. */
    DISK,
    /** Nothing survives a power cut, and nobody says otherwise. */
    MEMORY,
    /** Another machine, or the host of this one, says that it is done. */
    NETWORK,
    /** A layer of a container: it goes with the container. */
    OVERLAY,
    /** A program says that it is done. */
    PROGRAM
  }

  /**
   * What lies under a folder that exists or will be made.
   *
   * @throws PluginException CONFIG_INVALID when that cannot be found out
   */
  static Ground under(Path folder) {
    try {
      return of(Mount.under(folder));
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "what lies under " + folder + " cannot be found out: " + e.getMessage(),
          e);
    }
  }

  static Ground of(Mount mount) {
    return new Ground(mount, kind(mount.type().toLowerCase(Locale.ROOT)));
  }

  private static Kind kind(String type) {
    if (MEMORY.contains(type)) {
      return Kind.MEMORY;
    }
    if (OVERLAY.contains(type) || type.startsWith("fuse") && type.contains("overlay")) {
      return Kind.OVERLAY;
    }
    if (NETWORK.contains(type)) {
      return Kind.NETWORK;
    }
    // fuseblk is a disk behind a program, ntfs-3g for instance; its force reaches the disk.
    return type.startsWith("fuse.") || type.equals("fuse") ? Kind.PROGRAM : Kind.DISK;
  }

  /** Why no journal is kept here unless somebody allows it; empty if it may be. */
  Optional<String> refusal() {
    return switch (kind) {
      case DISK, MEMORY -> Optional.empty();
      case NETWORK ->
          Optional.of(
              "lies on a network or shared file system ("
                  + mount
                  + "): whether a forced write is on a disk there cannot be told from here");
      case OVERLAY ->
          Optional.of(
              "lies on a layer of a container ("
                  + mount
                  + "): what is written there goes with the container");
      case PROGRAM ->
          Optional.of(
              "lies on a file system that a program keeps ("
                  + mount
                  + "): whether a forced write is on a disk cannot be told from here");
    };
  }

  /** What a person should know about a place that is not refused; empty if nothing. */
  Optional<String> warning() {
    if (kind == Kind.MEMORY) {
      return Optional.of(
          "lies in memory (" + mount + "): nothing there survives a power cut or a reboot");
    }
    List<String> off =
        mount.options().stream()
            .filter(option -> Set.of("nobarrier", "barrier=0", "barrier=none").contains(option))
            .toList();
    return off.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "lies on a file system that is mounted with "
                + off.getFirst()
                + " ("
                + mount
                + "): a power cut may take what was forced; mount it without");
  }

  /** What makes a place slower than it need be; empty if nothing is known. */
  Optional<String> advice() {
    return kind == Kind.DISK && mount.options().contains("discard")
        ? Optional.of(
            "lies on a file system that is mounted with discard ("
                + mount
                + "): what a forced write costs there includes trimming deleted files; mount it"
                + " without, and let fstrim run by its timer")
        : Optional.empty();
  }

  /** What can be done about a refusal. */
  static String remedy() {
    return "put the home on a disk of this machine (in a container: on a volume), or set"
        + " 'journal: { allowAnyFileSystem: true }' in HOME/madang.yaml"
        + " (or MADANG_JOURNAL_ALLOWANYFILESYSTEM=true) and accept that rows may be lost";
  }
}
