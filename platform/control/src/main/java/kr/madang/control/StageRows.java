package kr.madang.control;

import kr.madang.control.PipelineTable.Key;
import kr.madang.control.inlet.Inlet;
import kr.madang.control.inlet.Inlets;
import kr.madang.engine.PipelineStatus.State;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** Rows on their way in, and rows that were recorded. */
public final class StageRows {
  private final Guard guard;
  private final Reconciler reconciler;
  private final JournalRoom journals;
  private final Inlets inlets;

  StageRows(Guard guard, Reconciler reconciler, JournalRoom journals, Inlets inlets) {
    this.guard = guard;
    this.reconciler = reconciler;
    this.journals = journals;
    this.inlets = inlets;
  }

  /**
   * Where rows can be sent into a source of a pipeline that runs.
   *
   * @throws PluginException NOT_FOUND if the pipeline runs and has no such source, EXHAUSTED if the
   *     source is not open at the moment
   */
  public Inlet inlet(Caller caller, String workspace, String pipeline, String source) {
    guard.require(caller, workspace, Role.MEMBER);
    Key key = new Key(workspace, pipeline);
    boolean runs = running(key);
    return inlets
        .find(workspace, pipeline, source)
        .orElseThrow(() ->
            runs && !inlets.knows(workspace, pipeline, source) && !opening(key, source)
                ? new PluginException(
                    ErrorCode.NOT_FOUND,
                    "pipeline '%s' has no source '%s' that is open to rows (use: flight)"
                        .formatted(pipeline, source))
                : new PluginException(
                    ErrorCode.EXHAUSTED,
                    "source '%s' of pipeline '%s' does not run yet: send again"
                        .formatted(source, pipeline)));
  }

  private boolean opening(Key key, String source) {
    return reconciler
        .with(key, unit -> unit.view().status().stages())
        .orElseThrow(() -> Pipelines.missing(key))
        .stream()
        .anyMatch(stage ->
            stage.name().equals(source)
                && (stage.state() == State.OPENING || stage.state() == State.RETRYING));
  }

  /**
   * What the journal has of a stage: what a source gave, or what a sink is to be given; up to what
   * is there now.
   *
   * @param from the number of the first row that is wanted
   * @throws PluginException NOT_FOUND if nothing is recorded of it
   */
  public Recorded recorded(
      Caller caller, String workspace, String pipeline, String stage, long from) {
    guard.require(caller, workspace, Role.VIEWER);
    running(new Key(workspace, pipeline));
    return journals.recorded(workspace, pipeline, stage, from);
  }

  private boolean running(Key key) {
    return reconciler
        .with(key, unit -> unit.running != null)
        .orElseThrow(() -> Pipelines.missing(key));
  }
}
