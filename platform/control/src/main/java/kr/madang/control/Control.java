package kr.madang.control;

import java.nio.file.Path;
import java.time.Duration;

/**
 * The control plane of one home. Every verb may be called from any thread, may block on the disk,
 * and throws {@link kr.madang.sdk.error.PluginException} with a code of {@link
 * kr.madang.sdk.error.ErrorCode}, HostError or {@link ControlError}. What the caller may not see
 * answers NOT_FOUND.
 */
public final class Control implements AutoCloseable {
  private Control() {}

  /** Opens the state in the home, or makes it; starts nothing before {@link #reconcile}. */
  public static Control open(ControlOptions options) {
    return new Control();
  }

  /** From now on keeps what runs at what should run. Does nothing when ephemeral. */
  public void reconcile() {}

  /** Who is who. */
  public Access access() {
    throw new UnsupportedOperationException();
  }

  /** The plugins of this installation. */
  public Plugins plugins() {
    throw new UnsupportedOperationException();
  }

  /** The models of all plugins. */
  public Models models() {
    throw new UnsupportedOperationException();
  }

  /** The pipelines of all workspaces. */
  public Pipelines pipelines() {
    throw new UnsupportedOperationException();
  }

  /** The alarms of all workspaces. */
  public Alarms alarms() {
    throw new UnsupportedOperationException();
  }

  /** Figures of what the caller can see. */
  public Metrics metrics(Caller caller) {
    throw new UnsupportedOperationException();
  }

  /**
   * Resolves a document and starts it in the foreground, for the command line. Names that cannot be
   * resolved are errors here.
   *
   * @param base what relative paths in the document are relative to
   */
  public Running run(String document, Format format, Path base) {
    throw new UnsupportedOperationException();
  }

  /**
   * Checks a document without starting it, for the command line; see {@link Pipelines#check}.
   *
   * @param base what relative paths in the document are relative to
   */
  public CheckReport check(String document, Format format, Path base, boolean verify) {
    throw new UnsupportedOperationException();
  }

  /**
   * Stops all pipelines at once and waits until they have ended; what should run stays as it is.
   * Nothing is started afterwards.
   *
   * @param atMost after which they are ended by force
   */
  public void drain(Duration atMost) {}

  /** Drains without patience and closes the state. */
  @Override
  public void close() {}
}
