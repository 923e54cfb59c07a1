package kr.madang.plugins.mqtt;

import io.reactivex.Scheduler;
import io.reactivex.disposables.Disposable;
import io.reactivex.disposables.Disposables;
import io.reactivex.schedulers.Schedulers;
import java.util.concurrent.TimeUnit;

/** Runs what RxJava wants to run at once, on the thread that asks: the event loop. */
final class Direct extends Scheduler {
  static final Direct INSTANCE = new Direct();

  static {
    // Naming a scheduler at all starts static threads of RxJava; nothing here uses them.
    Schedulers.shutdown();
  }

  private Direct() {}

  @Override
  public Worker createWorker() {
    return new Worker() {
      private boolean disposed;

      @Override
      public Disposable schedule(Runnable run, long delay, TimeUnit unit) {
        run.run();
        return Disposables.disposed();
      }

      @Override
      public void dispose() {
        disposed = true;
      }

      @Override
      public boolean isDisposed() {
        return disposed;
      }
    };
  }
}
