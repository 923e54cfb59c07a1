package kr.madang.plugins.opcua;

import java.util.Locale;
import org.eclipse.milo.opcua.stack.core.types.enumerated.MessageSecurityMode;

/** What a secure channel does with its messages, the weaker first. */
enum Mode {
  /** Signed, readable by all on the way. */
  SIGN(MessageSecurityMode.Sign),
  /** Signed and encrypted. */
  SIGN_AND_ENCRYPT(MessageSecurityMode.SignAndEncrypt);

  private final MessageSecurityMode mode;

  Mode(MessageSecurityMode mode) {
    this.mode = mode;
  }

  MessageSecurityMode mode() {
    return mode;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
