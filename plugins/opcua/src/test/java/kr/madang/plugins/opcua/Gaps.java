package kr.madang.plugins.opcua;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.milo.opcua.sdk.server.OpcUaServer;
import org.eclipse.milo.opcua.sdk.server.servicesets.impl.DefaultSubscriptionServiceSet;
import org.eclipse.milo.opcua.stack.core.StatusCodes;
import org.eclipse.milo.opcua.stack.core.UaException;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.PublishResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.RepublishRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.RepublishResponse;
import org.eclipse.milo.opcua.stack.core.types.structured.TransferSubscriptionsRequest;
import org.eclipse.milo.opcua.stack.core.types.structured.TransferSubscriptionsResponse;
import org.eclipse.milo.opcua.stack.transport.server.ServiceRequestContext;

/** The subscription services of a server that loses messages and refuses things when told to. */
final class Gaps extends DefaultSubscriptionServiceSet {
  private final AtomicInteger swallow = new AtomicInteger();
  private final AtomicInteger republished = new AtomicInteger();
  private volatile boolean forgets;
  private volatile boolean refusesTransfer;
  private volatile boolean silent;

  Gaps(OpcUaServer server) {
    super(server);
  }

  /** Does not send so many of the messages to come. */
  void swallow(int messages) {
    swallow.set(messages);
  }

  /** Whether all to be swallowed are. */
  boolean swallowed() {
    return swallow.get() == 0;
  }

  int left() {
    return swallow.get();
  }

  /** Does not keep messages either. */
  void forget() {
    forgets = true;
  }

  void refuseTransfer() {
    refusesTransfer = true;
  }

  /** Sends no message any more, though the connection stays. */
  void silent(boolean now) {
    silent = now;
  }

  int republished() {
    return republished.get();
  }

  @Override
  public CompletableFuture<PublishResponse> onPublish(
      ServiceRequestContext context, PublishRequest request) {
    return super.onPublish(context, request)
        .thenCompose(response -> {
          if (silent) {
            return new CompletableFuture<>();
          }
          boolean keepAlive =
              response.getNotificationMessage().getNotificationData() == null
                  || response.getNotificationMessage().getNotificationData().length == 0;
          if (!keepAlive && swallow.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
            return onPublish(context, request);
          }
          return CompletableFuture.completedFuture(response);
        });
  }

  @Override
  public RepublishResponse onRepublish(ServiceRequestContext context, RepublishRequest request)
      throws UaException {
    if (forgets) {
      throw new UaException(StatusCodes.Bad_MessageNotAvailable);
    }
    RepublishResponse response = super.onRepublish(context, request);
    republished.incrementAndGet();
    return response;
  }

  @Override
  public TransferSubscriptionsResponse onTransferSubscriptions(
      ServiceRequestContext context, TransferSubscriptionsRequest request) throws UaException {
    if (refusesTransfer) {
      throw new UaException(StatusCodes.Bad_ServiceUnsupported);
    }
    return super.onTransferSubscriptions(context, request);
  }
}
