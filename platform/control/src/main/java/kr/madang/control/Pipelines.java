package kr.madang.control;

import java.util.List;
import java.util.Optional;
import kr.madang.engine.Ledger;
import kr.madang.engine.Reject;
import kr.madang.engine.Tap;

/** The pipelines of all workspaces. Verbs that change return as soon as the change is stored. */
public final class Pipelines {
  Pipelines() {}

  /** All pipelines of a workspace, by name. */
  public List<PipelineView> list(Caller caller, String workspace) {
    throw new UnsupportedOperationException();
  }

  /** One pipeline. */
  public PipelineView get(Caller caller, String workspace, String name) {
    throw new UnsupportedOperationException();
  }

  /** The document as it was given. */
  public String spec(Caller caller, String workspace, String name) {
    throw new UnsupportedOperationException();
  }

  /** How the document is written. */
  public Format format(Caller caller, String workspace, String name) {
    throw new UnsupportedOperationException();
  }

  /**
   * Stores a new pipeline that should run. A document that is wrong is refused; one whose plugins
   * are missing is stored and parked. CONFLICT when the name is taken.
   */
  public PipelineView create(Caller caller, String workspace, String document, Format format) {
    throw new UnsupportedOperationException();
  }

  /**
   * Replaces the document of a pipeline, or creates it when {@code ifMatch} is empty; what should
   * run stays as it is. A running pipeline is drained and started again.
   *
   * @param ifMatch the revision that the caller has seen; another one is PRECONDITION
   */
  public PipelineView replace(
      Caller caller,
      String workspace,
      String name,
      String document,
      Format format,
      Optional<Long> ifMatch) {
    throw new UnsupportedOperationException();
  }

  /** Asks that a pipeline runs; one that finished or failed is started again at once. */
  public PipelineView start(Caller caller, String workspace, String name) {
    throw new UnsupportedOperationException();
  }

  /** Asks that a pipeline does not run. */
  public PipelineView stop(Caller caller, String workspace, String name) {
    throw new UnsupportedOperationException();
  }

  /** Stops a pipeline and forgets it. */
  public void delete(Caller caller, String workspace, String name) {
    throw new UnsupportedOperationException();
  }

  /** Where every row of the latest run is; empty if it has not run. */
  public Ledger ledger(Caller caller, String workspace, String name) {
    throw new UnsupportedOperationException();
  }

  /** The latest rejected rows, newest last. */
  public List<Reject> rejects(Caller caller, String workspace, String name, int atMost) {
    throw new UnsupportedOperationException();
  }

  /** A lossy look at what a stage emits; CONFLICT while the pipeline does not run. */
  public Tap tap(Caller caller, String workspace, String name, String stage, int capacity) {
    throw new UnsupportedOperationException();
  }

  /**
   * Checks a document without starting it: parse, wiring, the schema of each stage.
   *
   * @param verify also lets each stage look at its far side
   */
  public CheckReport check(
      Caller caller, String workspace, String document, Format format, boolean verify) {
    throw new UnsupportedOperationException();
  }
}
