package kr.madang.engine;

import java.nio.file.Path;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.transform.TransformContext;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.vector.types.pojo.Schema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts and checks pipelines. Methods may be called from any thread. */
public final class Engine {
  private final EngineOptions options;
  private final Connections connections = new Connections();

  /** An engine that runs nothing yet. */
  public Engine(EngineOptions options) {
    this.options = options;
  }

  /**
   * Opens every step for the schema before it and closes it again, without starting anything. May
   * block: sources may look at the far side to know their schema.
   *
   * @param warnings takes what steps warn of while they are opened: stage name and message
   * @return the schema that each source and step emits, by stage name
   * @throws PluginException that names the first stage that does not fit
   */
  public Map<String, Schema> check(Graph graph, BiConsumer<String, String> warnings) {
    String name = "check " + graph.workspace() + "/" + graph.pipeline();
    try (BufferAllocator allocator =
            options.allocator().newChildAllocator(name, 0, graph.limits().memory());
        Fitting fitting =
            new Fitting(
                graph,
                step ->
                    new CheckContext(
                        name + "/" + step, allocator, text -> warnings.accept(step, text)),
                (_, call) -> call.run(),
                () -> false)) {
      fitting.open();
      return Map.copyOf(fitting.schemas());
    } catch (PluginException e) {
      throw e;
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      throw new PluginException(Errors.code(e), Errors.message(e), e);
    }
  }

  /** Starts a pipeline and returns at once; what goes wrong shows in its status. */
  public Pipeline start(Graph graph) {
    Pipeline pipeline = new Pipeline(graph, options, connections);
    pipeline.start();
    return pipeline;
  }

  /** Removes what a pipeline that no longer runs has left on disk. */
  public void forget(String workspace, String pipeline) {
    new PipelineStore(options.state(), workspace, pipeline).delete();
    Streams streams = streams(workspace, pipeline);
    streams.journal().drop(streams.all(), streams.cursors());
  }

  /** The rows that stages of a pipeline could not take. */
  public DeadLetters deadLetters(String workspace, String pipeline) {
    return new DeadLetters(streams(workspace, pipeline), options.allocator());
  }

  private Streams streams(String workspace, String pipeline) {
    return new Streams(options.journals().of(workspace), pipeline);
  }

  /** What the journal still has of the input of a pipeline. */
  public Recording recording(String workspace, String pipeline) {
    return Recordings.of(streams(workspace, pipeline), options.allocator());
  }

  /**
   * Runs the steps of a graph over recorded input, as fast as it goes, without its sources and
   * sinks. What would have gone to a sink is written to {@code SINK.arrow} in the folder. The same
   * recording, graph and build give the same bytes.
   *
   * @param graph whose sources are named like those of the recording
   * @param recorded the name of the pipeline whose input was recorded, in the graph's workspace
   * @param range which part
   * @param folder made if it is missing; must be empty
   * @param label names the result in a comparison
   */
  public Replay replay(
      Graph graph, String recorded, Recording.Range range, Path folder, String label) {
    Replay replay =
        new Replay(graph, options, streams(graph.workspace(), recorded), range, folder, label);
    replay.start();
    return replay;
  }

  private record CheckContext(String name, BufferAllocator allocator, Consumer<String> warnings)
      implements TransformContext {
    @Override
    public Logger logger() {
      return new NotedLogger(LoggerFactory.getLogger(name), warnings);
    }
  }
}
