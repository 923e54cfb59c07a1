package kr.madang.plugins.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.NotificationMessage;
import org.eclipse.milo.opcua.stack.core.types.structured.RepublishRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.RepublishResponse;

/** What a server says when it is asked for a message again (OPC 10000-4 §5.14.6). */
sealed interface Again {

  /** Here it is. */
  record Read(NotificationMessage message) implements Again {}

  /** Not sent yet, or sent and kept no more. */
  record NotThere() implements Again {}

  /** It cannot be asked: the subscription is gone, or the server keeps no messages. */
  record Never() implements Again {}

  /** Asks. */
  static Again ask(Server server, UInteger subscription, long sequence)
      throws InterruptedException {
    NotificationMessage message;
    try {
      message =
          server
              .session()
              .call(
                  RepublishResponse.class,
                  "ask again for message " + sequence,
                  header -> new RepublishRequest(header, subscription, uint(sequence)))
              .getNotificationMessage();
    } catch (PluginException e) {
      long code = Faults.code(e).orElse(0) & 0xFFFF_0000L;
      if (code == StatusCodes.Bad_MessageNotAvailable) {
        return new NotThere();
      }
      if (code == StatusCodes.Bad_SubscriptionIdInvalid
          || code == StatusCodes.Bad_ServiceUnsupported
          || code == StatusCodes.Bad_NotSupported
          || code == StatusCodes.Bad_NotImplemented) {
        return new Never();
      }
      throw e;
    }
    if (message == null || message.getSequenceNumber().longValue() != sequence) {
      throw new PluginException(
          ErrorCode.PROTOCOL,
          "asked again for message "
              + sequence
              + ", got "
              + (message == null ? "none" : message.getSequenceNumber()));
    }
    return new Read(message);
  }
}
