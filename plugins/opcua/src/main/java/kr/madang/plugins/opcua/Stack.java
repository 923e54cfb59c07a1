package kr.madang.plugins.opcua;

import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;

import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import org.eclipse.milo.opcua.stack.core.NamespaceTable;
import org.eclipse.milo.opcua.stack.core.ServerTable;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.channel.EncodingLimits;
import org.eclipse.milo.opcua.stack.core.encoding.DefaultEncodingManager;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingContext;
import org.eclipse.milo.opcua.stack.core.encoding.EncodingManager;
import org.eclipse.milo.opcua.stack.core.security.CertificateValidator;
import org.eclipse.milo.opcua.stack.core.types.DataTypeManager;
import org.eclipse.milo.opcua.stack.core.types.DefaultDataTypeManager;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger;
import org.eclipse.milo.opcua.stack.core.types.structured.EndpointDescription;
import org.eclipse.milo.opcua.stack.core.types.structured.RequestHeader;
import org.eclipse.milo.opcua.stack.transport.client.ClientApplicationContext;
import org.jspecify.annotations.Nullable;

/** What Milo's codecs ask for: limits, which bound the memory of a connection, and known types. */
final class Stack {
  /** The longest message taken, in bytes. */
  static final int LONGEST_MESSAGE = 16 * 1024 * 1024;

  private static final int CHUNK = 65_536;
  private static final EncodingLimits LIMITS =
      new EncodingLimits(CHUNK, 2 * LONGEST_MESSAGE / CHUNK, LONGEST_MESSAGE, Cursor.DEEPEST);

  private final NamespaceTable namespaces = new NamespaceTable();
  private final ServerTable servers = new ServerTable();
  private final DataTypeManager types = DefaultDataTypeManager.createAndInitialize(namespaces);
  private final EncodingManager encodings = DefaultEncodingManager.createAndInitialize();
  private final EncodingContext encoding =
      new EncodingContext() {
        @Override
        public DataTypeManager getDataTypeManager() {
          return types;
        }

        @Override
        public EncodingManager getEncodingManager() {
          return encodings;
        }

        @Override
        public EncodingLimits getEncodingLimits() {
          return LIMITS;
        }

        @Override
        public NamespaceTable getNamespaceTable() {
          return namespaces;
        }

        @Override
        public ServerTable getServerTable() {
          return servers;
        }
      };

  EncodingContext encoding() {
    return encoding;
  }

  /** The head of a request; a time-out of zero means none. */
  static RequestHeader header(@Nullable NodeId token, Duration timeout) {
    return new RequestHeader(
        token == null ? NodeId.NULL_VALUE : token,
        DateTime.NULL_VALUE,
        uint(0),
        uint(0),
        null,
        uint(timeout.toMillis()),
        null);
  }

  ClientApplicationContext application(
      EndpointDescription endpoint, Identity identity, Duration timeout) {
    return new ClientApplicationContext() {
      @Override
      public EndpointDescription getEndpoint() {
        return endpoint;
      }

      @Override
      public Optional<KeyPair> getKeyPair() {
        return identity.keys();
      }

      @Override
      public Optional<X509Certificate> getCertificate() {
        return identity.certificate();
      }

      @Override
      public Optional<X509Certificate[]> getCertificateChain() {
        return identity.certificate().map(it -> new X509Certificate[] {it});
      }

      @Override
      public CertificateValidator getCertificateValidator() {
        // The certificate of the endpoint was checked before; another one has no place here.
        return (chain, _, _) -> {
          if (!identity.isOf(chain.getFirst(), endpoint)) {
            throw new UaException(
                StatusCodes.Bad_CertificateInvalid,
                "the server's certificate is not the one that it announced");
          }
        };
      }

      @Override
      public EncodingContext getEncodingContext() {
        return encoding;
      }

      @Override
      public UInteger getRequestTimeout() {
        return uint(timeout.toMillis());
      }
    };
  }
}
