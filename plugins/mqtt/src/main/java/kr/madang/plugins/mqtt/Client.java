package kr.madang.plugins.mqtt;

import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.reactivestreams.Subscription;

/** HiveMQ's client of one version of the protocol. Nothing here blocks. */
sealed interface Client permits Client3, Client5 {
  /** Gives every message to the taker, on the event loop; to be called before {@link #connect}. */
  Subscription listen(Consumer<Message> taker);

  /** Connects; says whether the broker had kept a session. */
  CompletableFuture<Boolean> connect(Broker broker, Session session);

  /** Subscribes; gives the reason code for each filter. */
  CompletableFuture<List<Integer>> subscribe(List<Wanted> filters);

  /** Sends; done when the broker has acknowledged it, with QoS 0 when it is written. */
  CompletableFuture<?> publish(Outgoing message);

  /** Says good-bye; the broker keeps the session as long as was asked when connecting. */
  CompletableFuture<?> disconnect();
}
