package kr.madang.engine;

import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/** A log that tells somebody of its warnings. */
@SuppressWarnings("serial") // never written anywhere
final class NotedLogger extends LegacyAbstractLogger {
  private final Logger log;
  private final Consumer<String> warnings;

  NotedLogger(Logger log, Consumer<String> warnings) {
    this.name = log.getName();
    this.log = log;
    this.warnings = warnings;
  }

  @Override
  public boolean isTraceEnabled() {
    return log.isTraceEnabled();
  }

  @Override
  public boolean isDebugEnabled() {
    return log.isDebugEnabled();
  }

  @Override
  public boolean isInfoEnabled() {
    return log.isInfoEnabled();
  }

  @Override
  public boolean isWarnEnabled() {
    return true;
  }

  @Override
  public boolean isErrorEnabled() {
    return log.isErrorEnabled();
  }

  @Override
  protected @Nullable String getFullyQualifiedCallerName() {
    return null;
  }

  @Override
  protected void handleNormalizedLoggingCall(
      Level level,
      @Nullable Marker marker,
      String message,
      @Nullable Object @Nullable [] arguments,
      @Nullable Throwable thrown) {
    String text = String.valueOf(MessageFormatter.basicArrayFormat(message, arguments));
    log.atLevel(level).setCause(thrown).log(text);
    if (level == Level.WARN) {
      warnings.accept(text);
    }
  }
}
