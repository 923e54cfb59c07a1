package kr.madang.engine;

import java.time.Duration;
import java.util.List;
import kr.madang.sdk.batch.Batch;

/**
 * A run of steps that share one thread, from the inbox before the first to what follows the last.
 */
final class Segment implements Runnable {
  private static final long WAIT = Duration.ofSeconds(1).toNanos();

  private final List<StepRun> steps;
  private final Inbox inbox;
  private final Scene scene;

  Segment(List<StepRun> steps, Inbox inbox, Scene scene) {
    this.steps = steps;
    this.inbox = inbox;
    this.scene = scene;
  }

  @Override
  public void run() {
    StepRun first = steps.get(0);
    try {
      while (!inbox.ended()) {
        Inbox.Item item = inbox.poll(WAIT);
        if (item == null) {
          continue;
        }
        Batch batch = item.batch();
        if (batch != null) {
          first.data(batch);
        }
        if (item.mark() != Link.NO_MARK) {
          first.mark(item.source(), item.mark());
        }
        first.settle();
      }
      first.end(inbox.finished());
    } catch (InterruptedException e) {
      if (!scene.aborted().stopped()) {
        fail(e);
      }
      end(first);
    } catch (Throwable e) {
      fail(e);
      end(first);
    } finally {
      inbox.abort();
      if (scene.aborted().stopped()) {
        steps.forEach(step -> step.abandon("stopped"));
      }
      steps.forEach(StepRun::close);
    }
  }

  private void fail(Throwable thrown) {
    StepRun culprit =
        steps.stream().filter(StepRun::failed).findFirst().orElseGet(() -> steps.get(0));
    culprit.fail(thrown);
    scene.fail(culprit.name(), thrown);
    steps.forEach(step -> step.abandon("failed"));
  }

  private static void end(StepRun first) {
    try {
      first.end(false);
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
