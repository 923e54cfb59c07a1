package kr.madang.journal;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The journals of one home, one a workspace, opened at first use. Any thread. */
public final class Journals implements AutoCloseable {
  private final Path folder;
  private final Function<String, JournalOptions> options;
  private final Map<String, Journal> open = new HashMap<>();
  private boolean closed;

  /** Journals under a folder, all with the same options. */
  public Journals(Path folder, JournalOptions options) {
    this(folder, workspace -> options);
  }

  /**
   * Journals under a folder.
   *
   * @param options of the journal of a workspace, asked for when it is opened; may refuse by an
   *     exception
   */
  public Journals(Path folder, Function<String, JournalOptions> options) {
    this.folder = folder;
    this.options = options;
  }

  /** The journal of a workspace; opened or made if need be. */
  public synchronized Journal of(String workspace) {
    if (closed) {
      throw new IllegalStateException("the journals are closed");
    }
    return open.computeIfAbsent(
        workspace, name -> Journal.open(folder.resolve(name), options.apply(name)));
  }

  /** The journal of a workspace, if it has been opened. */
  public synchronized Optional<Journal> opened(String workspace) {
    return Optional.ofNullable(open.get(workspace));
  }

  /** The workspaces whose journals are open. */
  public synchronized List<String> workspaces() {
    return open.keySet().stream().sorted().toList();
  }

  @Override
  public synchronized void close() {
    closed = true;
    open.values().forEach(Journal::close);
    open.clear();
  }
}
