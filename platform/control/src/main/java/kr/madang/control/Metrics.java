package kr.madang.control;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import kr.madang.engine.Ledger;
import kr.madang.engine.PipelineStatus;
import kr.madang.engine.SourceTags;
import kr.madang.inference.Use;

/**
 * Figures of one moment, for a door to render.
 *
 * @param uptime since control was opened
 * @param pluginsByState {@code started} → 3
 * @param modelsByState {@code loaded} → 1
 * @param activeAlarms by severity
 * @param pipelines of all workspaces
 * @param journals that are open
 * @param models what callers from outside had of the models
 * @param workspaces what they have used of the cores
 * @param uses what they have had of each model
 * @param drifts how far what models see has moved
 * @param machine what models have of it
 * @param loaded models in memory
 * @param arrowBytes memory of all batches
 * @param safe whether neither plugins nor pipelines are started
 */
public record Metrics(
    Duration uptime,
    Map<String, Long> pluginsByState,
    Map<String, Long> modelsByState,
    Map<String, Long> activeAlarms,
    List<PipelineFigures> pipelines,
    List<JournalView> journals,
    List<ModelStanding> models,
    List<Workspaces.View> workspaces,
    List<Use.Snapshot> uses,
    List<Drifts.View> drifts,
    Machine machine,
    List<ModelView> loaded,
    long arrowBytes,
    boolean safe) {

  /** Makes the collections unmodifiable. */
  public Metrics {
    pluginsByState = Map.copyOf(pluginsByState);
    modelsByState = Map.copyOf(modelsByState);
    activeAlarms = Map.copyOf(activeAlarms);
    pipelines = List.copyOf(pipelines);
    journals = List.copyOf(journals);
    models = List.copyOf(models);
    workspaces = List.copyOf(workspaces);
    uses = List.copyOf(uses);
    drifts = List.copyOf(drifts);
    loaded = List.copyOf(loaded);
  }

  /**
   * What models have of the machine.
   *
   * @param permits runs that may go on at once
   * @param free of them
   * @param backlog until all that waits is likely through
   * @param callBytes native memory that tensors of calls take
   * @param mostCallBytes that they may take
   * @param modelBytes memory of the models that callers have in memory, as measured or about
   * @param mostModelBytes that they may take
   */
  public record Machine(
      int permits,
      int free,
      Duration backlog,
      long callBytes,
      long mostCallBytes,
      long modelBytes,
      long mostModelBytes) {}

  /**
   * One pipeline.
   *
   * @param workspace whose it is
   * @param name in the workspace
   * @param state of {@link PipelineView}
   * @param crashLooping whether it failed five times within ten minutes and has not run well since
   * @param starts how often it was started since control was opened
   * @param status of the stages; none if it has not run
   * @param tags of the sources of the latest run
   * @param ledger of the latest run; empty if it has not run
   * @param gaps accepted rows that are gone, by cause
   */
  public record PipelineFigures(
      String workspace,
      String name,
      PipelineView.State state,
      boolean crashLooping,
      long starts,
      List<PipelineStatus.StageStatus> status,
      List<SourceTags> tags,
      Ledger ledger,
      Map<String, Long> gaps) {

    /** Makes the collections unmodifiable. */
    public PipelineFigures {
      status = List.copyOf(status);
      tags = List.copyOf(tags);
      gaps = Map.copyOf(gaps);
    }
  }
}
