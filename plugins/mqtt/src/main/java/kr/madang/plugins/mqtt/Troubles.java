package kr.madang.plugins.mqtt;

import com.hivemq.client.mqtt.exceptions.ConnectionClosedException;
import com.hivemq.client.mqtt.exceptions.ConnectionFailedException;
import com.hivemq.client.mqtt.mqtt3.exceptions.Mqtt3ConnAckException;
import com.hivemq.client.mqtt.mqtt3.message.connect.connack.Mqtt3ConnAckReturnCode;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5ConnAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5DisconnectException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubAckException;
import com.hivemq.client.mqtt.mqtt5.exceptions.Mqtt5PubRecException;
import com.hivemq.client.mqtt.mqtt5.message.connect.connack.Mqtt5ConnAckReasonCode;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import kr.madang.sdk.error.Blame;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** Turns what the library throws into words for people. */
final class Troubles {
  /** The broker said no. A broker that has just come up, without its users, says no as well. */
  static final ErrorCode REFUSED = new ErrorCode("REFUSED", Blame.EXTERNAL, true);

  private Troubles() {}

  static PluginException connecting(String target, Duration timeout, Throwable thrown) {
    Throwable error = Futures.root(thrown);
    if (error instanceof PluginException known) {
      return known;
    }
    if (error instanceof Mqtt5ConnAckException refused) {
      Mqtt5ConnAckReasonCode code = refused.getMqttMessage().getReasonCode();
      String reason =
          refused.getMqttMessage().getReasonString().map(text -> ": " + text).orElse("");
      return refusal(target, words(code) + reason, hint(code.name()), error);
    }
    if (error instanceof Mqtt3ConnAckException refused) {
      Mqtt3ConnAckReturnCode code = refused.getMqttMessage().getReturnCode();
      return refusal(target, words(code), hint(code.name()), error);
    }
    if (error instanceof TimeoutException) {
      return new PluginException(
          ErrorCode.TIMEOUT,
          target + " gave no answer within " + text(timeout) + "; check address, port and firewall",
          error);
    }
    for (Throwable at = error; at != null; at = at.getCause()) {
      if (at instanceof UnknownHostException) {
        return new PluginException(
            ErrorCode.UNREACHABLE,
            "cannot find the host of " + target + "; check broker.host and the name server",
            error);
      }
      if (at instanceof SSLException) {
        return new PluginException(
            ErrorCode.UNREACHABLE,
            "no TLS with " + target + ": " + deepest(at) + "; check broker.tls and the port",
            error);
      }
    }
    String why =
        error instanceof ConnectionFailedException || error instanceof ConnectionClosedException
            ? deepest(error)
            : String.valueOf(error.getMessage());
    return new PluginException(
        ErrorCode.UNREACHABLE,
        "cannot connect to " + target + ": " + why + "; check address, port and firewall",
        error);
  }

  static PluginException lost(String target, Throwable thrown) {
    Throwable error = Futures.root(thrown);
    String why =
        error instanceof Mqtt5DisconnectException ended
            ? "the broker ended it: " + words(ended.getMqttMessage().getReasonCode())
            : deepest(error);
    return new PluginException(
        ErrorCode.UNREACHABLE, "lost the connection to " + target + ": " + why, error);
  }

  /** A message that the broker did not take. */
  static PluginException unsent(String target, Throwable thrown) {
    Throwable error = Futures.root(thrown);
    String why =
        switch (error) {
          case Mqtt5PubAckException refused -> words(refused.getMqttMessage().getReasonCode());
          case Mqtt5PubRecException refused -> words(refused.getMqttMessage().getReasonCode());
          default -> deepest(error);
        };
    boolean refused =
        error instanceof Mqtt5PubAckException || error instanceof Mqtt5PubRecException;
    return new PluginException(
        refused ? REFUSED : ErrorCode.UNREACHABLE,
        target + " did not take a message: " + why,
        error);
  }

  private static PluginException refusal(String target, String code, String hint, Throwable cause) {
    return new PluginException(REFUSED, target + " refused the connection: " + code + hint, cause);
  }

  private static String hint(String code) {
    return switch (code) {
      case "BAD_USER_NAME_OR_PASSWORD", "NOT_AUTHORIZED" ->
          "; check broker.user, broker.password and what the broker allows them";
      case "CLIENT_IDENTIFIER_NOT_VALID", "IDENTIFIER_REJECTED" ->
          "; set broker.clientId to one that the broker takes";
      case "UNSUPPORTED_PROTOCOL_VERSION" -> "; set broker.version to the other one";
      default -> "";
    };
  }

  static String words(Enum<?> code) {
    return code.name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }

  static String text(Duration time) {
    return time.toMillis() % 1000 == 0 ? time.toSeconds() + " s" : time.toMillis() + " ms";
  }

  private static String deepest(Throwable error) {
    Throwable at = error;
    while (at.getCause() != null) {
      at = at.getCause();
    }
    return at.getMessage() == null ? at.getClass().getSimpleName() : at.getMessage();
  }
}
