package kr.madang.gateway.flight;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import kr.madang.control.Caller;
import kr.madang.gateway.grpc.Errors;
import kr.madang.gateway.grpc.TokenCheck;
import kr.madang.gateway.oip.Refusal;
import kr.madang.gateway.oip.Status;

/**
 * A stream on which a client sends messages. They are asked for one by one, each when there is room
 * for it; they are handled one after the other, large ones away from the event loop. Answers go out
 * under the lock of this.
 */
abstract class Incoming implements StreamObserver<byte[]> {
  /** What is larger is not handled on the event loop. */
  private static final int LARGE = 64 << 10;

  final FlightDoor door;
  final Caller caller;
  private final ServerCallStreamObserver<byte[]> to;
  private Runnable gone = () -> {};
  private boolean asked;
  private boolean busy;
  private boolean ended;
  private boolean over;

  Incoming(FlightDoor door, ServerCallStreamObserver<byte[]> to) {
    this.door = door;
    this.to = to;
    this.caller = TokenCheck.caller();
  }

  /**
   * Handles a message.
   *
   * @param here on the event loop, where nothing may block
   * @return false to have it handled again away from the event loop
   */
  abstract boolean handle(byte[] message, boolean here) throws InterruptedException;

  /** Whether there is room for another message; under the lock. */
  abstract boolean hasRoom();

  /** Whether everything was answered; under the lock. */
  abstract boolean isDone();

  /** Frees what the stream holds, once; nobody is told anything any more. */
  abstract void free();

  void begin(Runnable whenGone) {
    gone = whenGone;
    to.disableAutoRequest();
    to.setOnReadyHandler(this::more);
    to.setOnCancelHandler(this::finish);
    more();
  }

  @Override
  public void onNext(byte[] message) {
    synchronized (this) {
      asked = false;
      busy = true;
    }
    if (message.length > LARGE || !handled(message, true)) {
      door.blocking.execute(() -> handled(message, false));
    }
  }

  private boolean handled(byte[] message, boolean here) {
    try {
      if (!isOver() && !handle(message, here)) {
        return false;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      fail(e);
    } catch (Throwable e) {
      fail(e);
    }
    synchronized (this) {
      busy = false;
    }
    more();
    return true;
  }

  @Override
  public void onError(Throwable t) {
    finish();
  }

  @Override
  public void onCompleted() {
    synchronized (this) {
      ended = true;
    }
    more();
  }

  /** Asks for the next message if there is room, or ends when all is answered. */
  final void more() {
    boolean last;
    boolean cut;
    synchronized (this) {
      if (over || busy) {
        return;
      }
      cut = !ended && door.closing();
      last = (ended || cut) && isDone();
      if (last && !cut) {
        over = true;
        to.onCompleted();
      } else if (!ended && !cut && !asked && hasRoom() && to.isReady()) {
        asked = true;
        to.request(1);
      }
    }
    if (last && cut) {
      fail(new Refusal(Status.UNAVAILABLE, "the runtime shuts down"));
    } else if (last) {
      leave();
    }
  }

  final synchronized boolean isOver() {
    return over;
  }

  /** Sends a message if anybody is there; under the lock, for messages to keep their order. */
  final synchronized void send(byte[] message) {
    if (!over && !to.isCancelled()) {
      try {
        to.onNext(message);
      } catch (RuntimeException e) {
        // the client is gone; the handler for that is told
      }
    }
  }

  /** Ends the stream with an error. */
  final void fail(Throwable error) {
    Refusal refusal = door.refusal(error);
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
      try {
        to.onError(Errors.of(refusal));
      } catch (RuntimeException e) {
        // the client is gone
      }
    }
    leave();
  }

  private void finish() {
    synchronized (this) {
      if (over) {
        return;
      }
      over = true;
    }
    leave();
  }

  private void leave() {
    try {
      free();
    } finally {
      gone.run();
    }
  }
}
