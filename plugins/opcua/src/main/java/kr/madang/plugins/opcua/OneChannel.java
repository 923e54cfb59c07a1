package kr.madang.plugins.opcua;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.eclipse.milo.opcua.stack.core.types.structured.CloseSecureChannelRequest;
import org.eclipse.milo.opcua.stack.core.util.EndpointUtil;
import org.eclipse.milo.opcua.stack.core.util.Unit;
import org.eclipse.milo.opcua.stack.transport.client.AbstractUascClientTransport;
import org.eclipse.milo.opcua.stack.transport.client.ClientApplicationContext;
import org.eclipse.milo.opcua.stack.transport.client.tcp.OpcTcpClientTransportConfig;
import org.eclipse.milo.opcua.stack.transport.client.uasc.ClientSecureChannel;
import org.eclipse.milo.opcua.stack.transport.client.uasc.InboundUascResponseHandler.DelegatingUascResponseHandler;
import org.eclipse.milo.opcua.stack.transport.client.uasc.UascClientAcknowledgeHandler;

/**
 * A secure channel that is opened once and never again by itself: whether and when to come back is
 * the source's to say, and a failed connect leaves nothing behind that tries.
 */
final class OneChannel extends AbstractUascClientTransport {
  private final OpcTcpClientTransportConfig settings;
  private final CompletableFuture<Channel> opened = new CompletableFuture<>();
  private final Runnable onEnd;
  private volatile boolean ended;

  /**
   * @param onEnd called on the I/O thread when an opened connection has gone
   */
  OneChannel(OpcTcpClientTransportConfig settings, Runnable onEnd) {
    super(settings);
    this.settings = settings;
    this.onEnd = onEnd;
  }

  @Override
  public OpcTcpClientTransportConfig getConfig() {
    return settings;
  }

  @Override
  public CompletableFuture<Unit> connect(ClientApplicationContext application) {
    CompletableFuture<ClientSecureChannel> secured = new CompletableFuture<>();
    String url = application.getEndpoint().getEndpointUrl();
    InetSocketAddress server =
        new InetSocketAddress(String.valueOf(EndpointUtil.getHost(url)), EndpointUtil.getPort(url));
    new Bootstrap()
        .group(settings.getEventLoop())
        .channel(NioSocketChannel.class)
        .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, settings.getConnectTimeout().intValue())
        .option(ChannelOption.TCP_NODELAY, true)
        .handler(
            new ChannelInitializer<SocketChannel>() {
              @Override
              protected void initChannel(SocketChannel channel) {
                channel
                    .pipeline()
                    .addLast(new DelegatingUascResponseHandler(OneChannel.this))
                    .addLast(
                        new UascClientAcknowledgeHandler(
                            settings, application, requestId::getAndIncrement, secured));
              }
            })
        .connect(server)
        .addListener(attempt -> {
          if (!attempt.isSuccess()) {
            secured.completeExceptionally(attempt.cause());
          }
        });
    secured.whenComplete((channel, failure) -> {
      if (failure != null) {
        opened.completeExceptionally(failure);
      } else {
        opened.complete(channel.getChannel());
      }
    });
    return opened.thenApply(_ -> Unit.VALUE);
  }

  /** Whether the channel was opened and has not gone since. */
  boolean alive() {
    return !ended
        && opened.isDone()
        && !opened.isCompletedExceptionally()
        && opened.join().isActive();
  }

  @Override
  public void handleChannelInactive() {
    ended = true;
    super.handleChannelInactive();
    onEnd.run();
  }

  @Override
  public CompletableFuture<Unit> disconnect() {
    if (alive()) {
      // Milo's handler says goodbye and closes.
      opened
          .join()
          .pipeline()
          .fireUserEventTriggered(new CloseSecureChannelRequest(Stack.header(null, Duration.ZERO)));
    }
    return CompletableFuture.completedFuture(Unit.VALUE);
  }

  @Override
  protected CompletableFuture<Channel> getChannel() {
    return opened;
  }
}
