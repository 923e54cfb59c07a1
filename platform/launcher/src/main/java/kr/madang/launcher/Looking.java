package kr.madang.launcher;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadFactory;
import kr.madang.control.archive.Archive;
import kr.madang.journal.disk.Disk;
import kr.madang.journal.disk.RealDisk;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;

/** A home in which nothing runs, for the verbs that look at its journals. */
final class Looking implements AutoCloseable {
  static final Arguments.Option HOME =
      new Arguments.Option(
          "home", "DIR", "Whose journals; MADANG_HOME too. Nothing may run there.");

  static final Arguments.Option WORKSPACE =
      new Arguments.Option("workspace", "NAME", "Whose stream it is; 'default' if left out.");

  private final Home home;
  private final Distribution distribution;
  private final Configuration configuration;
  private final RootAllocator allocator = new RootAllocator(Platform.machineMemory() / 2);

  private Looking(Home home, Distribution distribution, Configuration configuration) {
    this.home = home;
    this.distribution = distribution;
    this.configuration = configuration;
  }

  /** Locks the home that was named. */
  static Looking at(Arguments arguments, Map<String, String> environment) {
    Path folder =
        arguments
            .home(environment)
            .orElseThrow(() ->
                new PluginException(
                    ErrorCode.CONFIG_INVALID, "whose journals are meant? Say --home DIR"));
    Home home = Home.look(folder);
    try {
      Distribution distribution = Distribution.here();
      Configuration configuration =
          Layers.apply(
              distribution,
              home.folder(),
              environment,
              Logging.quiet(arguments.settings(), environment));
      return new Looking(home, distribution, configuration);
    } catch (RuntimeException e) {
      home.close();
      throw e;
    }
  }

  /** The workspaces that have a journal. */
  List<String> workspaces() {
    return Archive.workspaces(folder());
  }

  /** The journal of a workspace, to be closed by the caller. */
  Archive open(String workspace) {
    ThreadFactory threads = Thread.ofPlatform().daemon().name("journal-", 0).factory();
    Disk disk = new RealDisk();
    return Archive.open(
        folder(),
        workspace,
        name ->
            configuration
                .journal()
                .options(name, home.folder(), disk, InstantSource.system(), threads));
  }

  BufferAllocator allocator() {
    return allocator;
  }

  Home home() {
    return home;
  }

  Distribution distribution() {
    return distribution;
  }

  private Path folder() {
    return home.folder().resolve("journal");
  }

  @Override
  public void close() {
    allocator.close();
    home.close();
  }
}
