package kr.madang.engine.step;

/** Takes the alarms that pipelines raise and clear. Called on the thread of the pipeline. */
@FunctionalInterface
public interface AlarmListener {

  /**
   * An alarm became active or was cleared; not called while it stays as it is. After a restart the
   * last transition may come once more, so what has been recorded already is to be ignored.
   *
   * @param stage the step: {@code workspace/pipeline/step}
   * @param id the alarm within the step
   * @param active whether it became active
   * @param severity {@code low}, {@code medium}, {@code high} or {@code critical}
   * @param message one line for people
   * @param timeNanos the time of the row that decided; ns since 1970 UTC
   */
  void alarm(
      String stage, String id, boolean active, String severity, String message, long timeNanos);
}
