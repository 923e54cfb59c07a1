package kr.madang.control.spec;

import java.util.List;
import java.util.stream.Stream;
import kr.madang.engine.Durability;
import kr.madang.engine.Graph;

/**
 * What a pipeline document says: names and wiring are checked, what they name is not looked up.
 *
 * @param name of the pipeline
 * @param description one line for people; may be empty
 * @param limits what it may use
 * @param durability what an accepted row outlives
 * @param sources at least one
 * @param steps in an order in which each follows what it reads from
 * @param sinks at least one
 */
public record PipelineSpec(
    String name,
    String description,
    Graph.Limits limits,
    Durability durability,
    List<StageSpec> sources,
    List<StageSpec> steps,
    List<StageSpec> sinks) {

  /** Makes the lists unmodifiable. */
  public PipelineSpec {
    sources = List.copyOf(sources);
    steps = List.copyOf(steps);
    sinks = List.copyOf(sinks);
  }

  /**
   * What a document need not say.
   *
   * @param attempts of a stage before it gives up; 0 means without end
   * @param journal whether rows outlive the process
   */
  public record Usual(int attempts, boolean journal) {
    /** For what runs as a service: without end, with a journal. */
    public static final Usual SERVED = new Usual(0, true);
  }

  /** All stages, sources first. */
  public List<StageSpec> stages() {
    return Stream.of(sources, steps, sinks).flatMap(List::stream).toList();
  }
}
