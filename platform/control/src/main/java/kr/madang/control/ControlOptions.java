package kr.madang.control;

import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ThreadFactory;
import kr.madang.engine.Engine;
import kr.madang.host.PluginHost;
import kr.madang.inference.Inference;
import kr.madang.journal.Journals;
import org.apache.arrow.memory.BufferAllocator;

/**
 * What control is given. It closes none of it.
 *
 * @param home where its state lives
 * @param host the plugins
 * @param engine runs pipelines
 * @param inference runs models
 * @param journals one a workspace
 * @param allocator for golden samples of models
 * @param clock the time that is written into records
 * @param threads makes control's own threads
 * @param ephemeral keeps the state in memory only, writes nothing into the home, reconciles nothing
 * @param safe opens the state and starts neither plugins nor pipelines, so that what is broken can
 *     be looked at, stopped, replaced or removed
 * @param roots folders beside {@code HOME/data} that documents of pipelines that are kept may name
 *     files in; those of the command line may name any
 * @param modelBytes memory that models for callers from outside may take, about
 * @param modelIdle after which time without a call a model is let go; 0 for never
 */
public record ControlOptions(
    Path home,
    PluginHost host,
    Engine engine,
    Inference inference,
    Journals journals,
    BufferAllocator allocator,
    InstantSource clock,
    ThreadFactory threads,
    boolean ephemeral,
    boolean safe,
    List<Path> roots,
    long modelBytes,
    Duration modelIdle) {

  /** Makes the paths absolute. */
  public ControlOptions {
    home = home.toAbsolutePath().normalize();
    roots = roots.stream().map(root -> root.toAbsolutePath().normalize()).toList();
  }

  /** Files may lie anywhere. */
  public ControlOptions(
      Path home,
      PluginHost host,
      Engine engine,
      Inference inference,
      Journals journals,
      BufferAllocator allocator,
      InstantSource clock,
      ThreadFactory threads,
      boolean ephemeral,
      boolean safe) {
    this(
        home,
        host,
        engine,
        inference,
        journals,
        allocator,
        clock,
        threads,
        ephemeral,
        safe,
        List.of(Path.of("/")),
        4L << 30,
        Duration.ofHours(1));
  }

  /** Everything is started that should run. */
  public ControlOptions(
      Path home,
      PluginHost host,
      Engine engine,
      Inference inference,
      Journals journals,
      BufferAllocator allocator,
      InstantSource clock,
      ThreadFactory threads,
      boolean ephemeral) {
    this(home, host, engine, inference, journals, allocator, clock, threads, ephemeral, false);
  }
}
