package kr.madang.plugins.kafka;

import java.util.concurrent.ExecutionException;
import kr.madang.sdk.error.Blame;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** What the client library threw, in words of the SDK. */
final class Failures {
  /** Another producer of the same name is at work. */
  static final ErrorCode FENCED = new ErrorCode("FENCED", Blame.EXTERNAL, true);

  /** Records were deleted before they were read. */
  static final ErrorCode DATA_LOST = new ErrorCode("DATA_LOST", Blame.EXTERNAL, false);

  private Failures() {}

  /** An error before a stage runs: what a person has to mend ends the tries. */
  static PluginException atOpen(String target, Exception e) throws InterruptedException {
    return of(target, e, false);
  }

  /** An error of a running stage: no row is lost over it, so it can always be tried again. */
  static PluginException running(String target, Exception e) throws InterruptedException {
    return of(target, e, true);
  }

  /**
   * The library makes room for as many bytes as the far side announces, up to 2 GiB, and cannot be
   * told a limit; what is no broker announces anything. One such array that cannot be had harms
   * nobody else.
   */
  static PluginException memory(String target, Throwable e) {
    return new PluginException(
        ErrorCode.EXHAUSTED,
        target + ": an answer does not fit into memory; check that this is a Kafka broker",
        e);
  }

  /** Whether memory ended it, on this thread or on one of the library. */
  static boolean isMemory(Throwable e) {
    return e instanceof OutOfMemoryError || e.getCause() instanceof OutOfMemoryError;
  }

  private static PluginException of(String target, Exception thrown, boolean running)
      throws InterruptedException {
    Throwable e =
        thrown instanceof ExecutionException && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    if (e instanceof PluginException known) {
      return known;
    }
    if (e instanceof InterruptException || e instanceof InterruptedException) {
      Thread.interrupted();
      throw new InterruptedException();
    }
    // The library wraps what ended a producer in an exception that says only so.
    Throwable cause =
        e.getClass() == KafkaException.class && e.getCause() instanceof KafkaException inner
            ? inner
            : e;
    ErrorCode refused = running ? ErrorCode.UNREACHABLE : ErrorCode.REFUSED;
    return switch (cause) {
      case AuthenticationException _ ->
          error(refused, target, cause, "; check cluster.login and cluster.tls", e);
      case AuthorizationException _ ->
          error(refused, target, cause, "; grant the user the right", e);
      case UnknownTopicOrPartitionException _, InvalidTopicException _ ->
          error(ErrorCode.NOT_FOUND, target, cause, "; make the topic", e);
      case ProducerFencedException _, InvalidProducerEpochException _ ->
          error(FENCED, target, cause, "; another sink of this name writes, end one of the two", e);
      case ConfigException _ -> error(ErrorCode.CONFIG_INVALID, target, cause, "", e);
      case TimeoutException _ -> error(ErrorCode.TIMEOUT, target, cause, "", e);
      default -> {
        if (e instanceof KafkaException && e.getCause() instanceof ConfigException config) {
          yield error(ErrorCode.CONFIG_INVALID, target, config, "", e);
        }
        yield error(ErrorCode.UNREACHABLE, target, cause, "", e);
      }
    };
  }

  private static PluginException error(
      ErrorCode code, String target, Throwable cause, String hint, Throwable e) {
    return new PluginException(code, target + ": " + words(cause) + hint, e);
  }

  /** What the library said, in one line. */
  static String words(Throwable e) {
    String message = String.valueOf(e.getMessage()).strip().replaceAll("\\s*[\\r\\n]+\\s*", "; ");
    String deeper =
        e.getCause() != null && e.getCause().getMessage() != null && message.length() < 60
            ? " (" + e.getCause().getMessage().strip() + ")"
            : "";
    String line = message + deeper;
    return line.length() <= 600 ? line : line.substring(0, 600) + "…";
  }
}
