package kr.madang.control;

import java.nio.file.Path;
import java.time.InstantSource;
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
    boolean ephemeral) {

  /** Makes the path absolute. */
  public ControlOptions {
    home = home.toAbsolutePath().normalize();
  }
}
