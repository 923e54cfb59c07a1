package kr.madang.control.archive;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import kr.madang.journal.Journal;
import kr.madang.journal.JournalOptions;
import kr.madang.journal.JournalStream;
import kr.madang.journal.disk.Disk;
import kr.madang.journal.disk.RealDisk;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/**
 * The journal of a workspace of a home in which nothing runs, opened without a change to any file.
 * One thread.
 */
public final class Archive implements AutoCloseable {
  private final String workspace;
  private final Untouched disk;
  private final Journal journal;

  private Archive(String workspace, Untouched disk, Journal journal) {
    this.workspace = workspace;
    this.disk = disk;
    this.journal = journal;
  }

  /**
   * The workspaces that have a journal, by name.
   *
   * @param folder {@code HOME/journal}
   */
  public static List<String> workspaces(Path folder) {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    try (Stream<Path> entries = Files.list(folder)) {
      entries
          .filter(Files::isDirectory)
          .forEach(entry -> names.add(String.valueOf(entry.getFileName())));
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID, folder + " cannot be read: " + e.getMessage(), e);
    }
    names.sort(null);
    return names;
  }

  /**
   * Opens the journal of a workspace.
   *
   * @param folder {@code HOME/journal}
   * @param options of the journal of a workspace; its disk and its bounds are not used
   * @throws PluginException NOT_FOUND that names those that are there; as the journal gives it
   */
  public static Archive open(
      Path folder, String workspace, Function<String, JournalOptions> options) {
    List<String> there = workspaces(folder);
    if (!there.contains(workspace)) {
      throw new PluginException(
          ErrorCode.NOT_FOUND,
          "workspace '%s' has no journal in %s; %s"
              .formatted(
                  workspace,
                  folder,
                  there.isEmpty() ? "none has" : "these have: " + String.join(", ", there)));
    }
    JournalOptions given = options.apply(workspace);
    Untouched disk = new Untouched(new RealDisk());
    Journal journal =
        Journal.open(
            folder.resolve(workspace),
            new JournalOptions(
                disk,
                given.clock(),
                given.threads(),
                Long.MAX_VALUE >> 1,
                0,
                given.firstSegment(),
                given.lastSegment(),
                given.gather(),
                given.compress(),
                given.key()));
    return new Archive(workspace, disk, journal);
  }

  /** The disk of this machine, on which nothing is changed: what is written stays in memory. */
  public static Disk untouched() {
    return new Untouched(new RealDisk());
  }

  /** Whose it is. */
  public String workspace() {
    return workspace;
  }

  /** The journal; what is appended to it is gone when this is closed. */
  public Journal journal() {
    return journal;
  }

  /**
   * A stream by name.
   *
   * @throws PluginException NOT_FOUND that names those that are there
   */
  public JournalStream stream(String name) {
    return journal
        .find(name)
        .orElseThrow(() ->
            new PluginException(
                ErrorCode.NOT_FOUND,
                "the journal of workspace '%s' has no stream '%s'; it has %s"
                    .formatted(
                        workspace,
                        name,
                        journal.streams().isEmpty()
                            ? "none"
                            : String.join(
                                ", ",
                                journal.streams().stream().map(JournalStream::name).toList()))));
  }

  @Override
  public void close() {
    journal.close();
    try {
      disk.close();
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.EXHAUSTED, "the journal was read, and not closed: " + e.getMessage(), e);
    }
  }
}
