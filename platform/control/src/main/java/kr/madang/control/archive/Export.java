package kr.madang.control.archive;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import kr.madang.control.config.Binder;
import kr.madang.control.config.Node;
import kr.madang.control.config.Place;
import kr.madang.control.config.Secrets;
import kr.madang.host.Hosted;
import kr.madang.host.InstalledPlugin;
import kr.madang.host.Lease;
import kr.madang.host.PluginHost;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.SinkFactory;
import org.apache.arrow.memory.BufferAllocator;

/**
 * Writes a stream of a journal into files, by the sink of the plugin {@code files}: one way of
 * writing Parquet and Arrow for the whole house.
 */
public final class Export {
  private static final String SINK = "files";
  private static final Duration CALL = Duration.ofSeconds(30);
  private static final Duration ALL_OF_IT = Duration.ofDays(365);

  private final PluginHost host;
  private final BufferAllocator allocator;

  /**
   * An export.
   *
   * @param host of which the sink is a plugin
   * @param allocator for batches
   */
  public Export(PluginHost host, BufferAllocator allocator) {
    this.host = host;
    this.allocator = allocator;
  }

  /** What is written. */
  public enum Format {
    /** Apache Parquet. */
    PARQUET,
    /** Arrow IPC files, also called Feather. */
    ARROW;

    String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** By the ending of a file's name; empty for anything else. */
    public static Optional<Format> of(Path file) {
      String name = file.toString();
      return Stream.of(values()).filter(format -> name.endsWith("." + format.word())).findFirst();
    }
  }

  /**
   * What was written.
   *
   * @param rows that were given to the sink
   * @param gone rows within the part that are not there any more
   * @param files that hold them
   */
  public record Written(long rows, long gone, List<Path> files) {}

  /**
   * Writes part of a stream.
   *
   * @param to a file whose name ends with the format, which must not exist; anything else is a
   *     folder, which must be empty
   * @throws PluginException as the sink or the journal gives it; CONFIG_INVALID for a place that
   *     cannot be used or a stream without rows
   */
  public Written write(Archive archive, String stream, Span span, Path to, Format format) {
    archive.stream(stream);
    try {
      if (Format.of(to).isPresent()) {
        return file(archive, stream, span, to, format);
      }
      // The sink leaves out rows that it finds in older files there, and what lies before them.
      if (Files.exists(to) && !list(to).isEmpty()) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID, to + " is not empty: name a folder that is, or a new one");
      }
      return folder(archive, stream, span, to, format, false);
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.UNREACHABLE, "files cannot be written to " + to + ": " + e, e);
    }
  }

  private Written file(Archive archive, String stream, Span span, Path to, Format format)
      throws IOException {
    Path target = to.toAbsolutePath().normalize();
    if (Files.exists(target)) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID, to + " exists already: name another file, or a folder");
    }
    Path parent = target.resolveSibling("");
    Files.createDirectories(parent);
    Path staging = Files.createTempDirectory(parent, ".madang-export-");
    try {
      Written written = folder(archive, stream, span, staging, format, true);
      if (written.files().size() != 1) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID,
            "the rows need "
                + written.files().size()
                + " files, since their columns or their epoch change on the way: name a folder");
      }
      Files.move(written.files().getFirst(), target);
      return new Written(written.rows(), written.gone(), List.of(to));
    } finally {
      for (Path left : list(staging)) {
        Files.delete(left);
      }
      Files.delete(staging);
    }
  }

  private Written folder(
      Archive archive, String stream, Span span, Path folder, Format format, boolean whole)
      throws IOException {
    InstalledPlugin plugin = plugin();
    try (Lease _ = host.use(plugin.ref())) {
      Hosted<SinkFactory<?>> sink =
          host.sink(plugin.id(), plugin.version(), SINK)
              .orElseThrow(() -> missing("plugin " + plugin.ref() + " has none"));
      Written written = drive(sink.factory(), plugin, archive, stream, span, folder, format, whole);
      List<Path> files =
          list(folder).stream()
              .filter(file -> !String.valueOf(file.getFileName()).startsWith("."))
              .filter(file -> file.toString().endsWith("." + format.word()))
              .toList();
      return new Written(written.rows(), written.gone(), files);
    }
  }

  private <C> Written drive(
      SinkFactory<C> factory,
      InstalledPlugin plugin,
      Archive archive,
      String stream,
      Span span,
      Path folder,
      Format format,
      boolean whole) {
    Node config = config(folder.toAbsolutePath(), format, whole);
    Binder binder = new Binder(folder, new Secrets(folder));
    C bound =
        host.call(plugin.ref(), CALL, () -> binder.bind(config, factory.config(), "the export"));
    boolean plain = whole && format == Format.ARROW;
    ExportRun<C> run = new ExportRun<>(archive, stream, span, factory, bound, plain, allocator);
    return host.call(plugin.ref(), ALL_OF_IT, run::write);
  }

  /** The sink of this name in the highest version of the plugin, or of any other that has one. */
  private InstalledPlugin plugin() {
    return host.list().stream()
        .filter(plugin -> plugin.sinks().contains(SINK))
        .max(
            Comparator.comparing((InstalledPlugin plugin) -> plugin.id().equals(SINK))
                .thenComparing(InstalledPlugin::version, PluginHost::compareVersions))
        .orElseThrow(() -> missing("no plugin that is installed has one"));
  }

  private static PluginException missing(String why) {
    return new PluginException(
        ErrorCode.NOT_FOUND, "an export needs the sink '" + SINK + "', and " + why);
  }

  /** A file is finished by its size only, and one that must be whole not even by that. */
  private static Node config(Path folder, Format format, boolean whole) {
    Map<String, Node.Entry> entries = new LinkedHashMap<>();
    put(entries, "path", folder.toString());
    put(entries, "format", format.word());
    put(entries, "name", whole ? "whole" : "rows");
    if (whole) {
      put(entries, "rotateBytes", "1000TB");
    }
    return new Node.Mapping(Place.NONE, entries);
  }

  private static void put(Map<String, Node.Entry> entries, String key, String value) {
    entries.put(
        key, new Node.Entry(Place.NONE, new Node.Scalar(Place.NONE, value, Node.Type.TEXT)));
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.sorted().toList();
    }
  }
}
