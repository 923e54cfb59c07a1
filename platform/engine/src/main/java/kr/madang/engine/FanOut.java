package kr.madang.engine;

import java.util.List;
import kr.madang.sdk.batch.Batch;

/** Gives every batch to several readers; each gets a hold of its own over the same memory. */
record FanOut(List<? extends Downstream> readers) implements Downstream {

  static Downstream of(List<? extends Downstream> readers) {
    return readers.size() == 1 ? readers.get(0) : new FanOut(List.copyOf(readers));
  }

  @Override
  public void data(Batch batch) throws InterruptedException {
    try (batch) {
      for (Downstream reader : readers) {
        reader.data(batch.retain());
      }
    }
  }

  @Override
  public void mark(int source, long number) throws InterruptedException {
    for (Downstream reader : readers) {
      reader.mark(source, number);
    }
  }

  @Override
  public void settle() throws InterruptedException {
    for (Downstream reader : readers) {
      reader.settle();
    }
  }

  @Override
  public void end(boolean finished) throws InterruptedException {
    for (Downstream reader : readers) {
      reader.end(finished);
    }
  }
}
