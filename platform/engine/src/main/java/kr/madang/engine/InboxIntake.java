package kr.madang.engine;

import kr.madang.sdk.batch.Batch;
import org.jspecify.annotations.Nullable;

/** Takes from memory: what is not delivered when the pipeline ends is gone. */
final class InboxIntake implements Intake {
  private final Inbox inbox;
  private final Scene scene;
  private final String stream;
  private final int index;

  InboxIntake(Inbox inbox, Scene scene, String sink, int index) {
    this.inbox = inbox;
    this.scene = scene;
    this.stream = scene.stream(sink);
    this.index = index;
  }

  @Override
  public @Nullable Item poll(long nanos) throws InterruptedException {
    Inbox.Item item = inbox.poll(nanos);
    return item == null ? null : new Item(item.batch(), item.source(), item.mark());
  }

  @Override
  public Batch stamp(Batch batch, long taken) {
    return batch.retainAs(stream, scene.epoch(), taken);
  }

  @Override
  public boolean letterKept(long sequence) {
    return false;
  }

  @Override
  public void settled(long rows, long rejected) {}

  @Override
  public void passed(int lane, long mark) {
    scene.acks(lane).accept(index, mark);
  }

  @Override
  public void back() {}

  @Override
  public boolean ended() {
    return inbox.ended();
  }

  @Override
  public boolean keepsRest() {
    return false;
  }

  @Override
  public Stopper patience() {
    return scene.aborted();
  }

  @Override
  public void close() {
    inbox.abort();
  }
}
