package kr.madang.engine;

import java.util.List;
import kr.madang.sdk.batch.Batch;

/** Gives every batch to several links; each gets a hold of its own over the same memory. */
record FanOut(List<Link> links) implements Downstream {

  static Downstream of(List<Link> links) {
    return links.size() == 1 ? links.get(0) : new FanOut(List.copyOf(links));
  }

  @Override
  public void data(Batch batch) throws InterruptedException {
    try (batch) {
      for (Link link : links) {
        link.data(batch.retain());
      }
    }
  }

  @Override
  public void mark(int source, long number) throws InterruptedException {
    for (Link link : links) {
      link.mark(source, number);
    }
  }

  @Override
  public void settle() throws InterruptedException {
    for (Link link : links) {
      link.settle();
    }
  }

  @Override
  public void end(boolean finished) throws InterruptedException {
    for (Link link : links) {
      link.end(finished);
    }
  }
}
