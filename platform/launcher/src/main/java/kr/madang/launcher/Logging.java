package kr.madang.launcher;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the log to standard error. Logback finds this class by {@code ServiceLoader}, so there is
 * no file of its own to search or to parse; {@link #apply} follows once the configuration is known.
 */
public final class Logging extends ContextAwareBase implements Configurator {
  private static final String PATTERN =
      "%d{yyyy-MM-dd'T'HH:mm:ss.SSS'Z', UTC} %-5level %logger{0} - %replace(%msg){'[\\r\\n]+', ' | '}%n";

  static final Arguments.Option LEVEL =
      new Arguments.Option("level", "LEVEL", "What the log shows: error, warn, info or debug.");

  static final Arguments.Option LINES =
      new Arguments.Option("log", "LINES", "How lines of the log look: plain or json.");

  /** How lines look. */
  public enum Lines {
    /** For people. */
    PLAIN,
    /** One JSON object a line. */
    JSON
  }

  /** What is written. */
  public enum Threshold {
    /** What broke. */
    ERROR,
    /** And what may break. */
    WARN,
    /** And what happens. */
    INFO,
    /** And how. */
    DEBUG
  }

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    install(context, Lines.PLAIN, Threshold.WARN);
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  /** For verbs in the foreground: shows what may break, unless somebody said otherwise. */
  static Map<String, String> quiet(Map<String, String> settings, Map<String, String> environment) {
    if (environment.containsKey("MADANG_LEVEL")) {
      return settings;
    }
    Map<String, String> quiet = new LinkedHashMap<>(settings);
    quiet.putIfAbsent("level", "warn");
    return quiet;
  }

  /** Changes to what the configuration says. */
  static void apply(Lines lines, Threshold threshold) {
    if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
      install(context, lines, threshold);
    }
  }

  private static void install(LoggerContext context, Lines lines, Threshold threshold) {
    ConsoleAppender<ILoggingEvent> appender = new ConsoleAppender<>();
    appender.setContext(context);
    appender.setName("stderr");
    appender.setTarget("System.err");
    appender.setEncoder(lines == Lines.JSON ? json(context) : plain(context));
    appender.start();
    var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
    root.detachAndStopAllAppenders();
    root.setLevel(Level.WARN);
    root.addAppender(appender);
    context.getLogger("kr.madang").setLevel(Level.toLevel(threshold.name()));
    // A machine without a network is no trouble, and no reason for a stack trace.
    context.getLogger("io.netty.util.NetUtilInitializations").setLevel(Level.ERROR);
    // A second SQLite, that of a plugin, cannot load the same file: it says so and loads its own.
    context.getLogger("org.sqlite.SQLiteJDBCLoader").setLevel(Level.OFF);
    if (threshold == Threshold.DEBUG) {
      root.setLevel(Level.INFO);
    }
  }

  private static Encoder<ILoggingEvent> json(LoggerContext context) {
    JsonEncoder encoder = new JsonEncoder();
    encoder.setContext(context);
    encoder.setWithContext(false);
    encoder.setWithSequenceNumber(false);
    encoder.setWithNanoseconds(false);
    encoder.start();
    return encoder;
  }

  private static Encoder<ILoggingEvent> plain(LoggerContext context) {
    PatternLayoutEncoder encoder = new PatternLayoutEncoder();
    encoder.setContext(context);
    encoder.setPattern(PATTERN);
    encoder.start();
    return encoder;
  }
}
