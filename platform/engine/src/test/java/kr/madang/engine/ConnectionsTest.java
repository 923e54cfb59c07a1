package kr.madang.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import kr.madang.sdk.source.Connection;
import org.junit.jupiter.api.Test;

class ConnectionsTest {
  private final Connections connections = new Connections();
  private final List<Line> opened = Collections.synchronizedList(new ArrayList<>());

  private final class Line implements Connection {
    volatile boolean alive = true;
    volatile int closed;

    @Override
    public boolean alive() {
      return alive;
    }

    @Override
    public void close() {
      closed++;
    }
  }

  private Line open() {
    Line line = new Line();
    opened.add(line);
    return line;
  }

  private Connections.Lease lease(String workspace) {
    return connections.lease(getClass().getClassLoader(), workspace);
  }

  @Test
  void whoAsksWithTheSameKeyGetsTheSameUntilTheLastHasGone() throws Exception {
    Connections.Lease one = lease("w");
    Connections.Lease two = lease("w");
    Line line = one.connection("k", this::open);
    assertThat(one.<Line>connection("k", this::open)).isSameAs(line);
    assertThat(two.<Line>connection("k", this::open)).isSameAs(line);
    assertThat(two.<Line>connection("other", this::open)).isNotSameAs(line);
    assertThat(lease("another").<Line>connection("k", this::open)).isNotSameAs(line);
    one.end();
    assertThat(line.closed).isZero();
    two.end();
    assertThat(line.closed).isOne();
    assertThat(lease("w").<Line>connection("k", this::open)).isNotSameAs(line);
  }

  @Test
  void aDeadOneIsLeftToThoseWhoHaveIt() throws Exception {
    Connections.Lease one = lease("w");
    Connections.Lease two = lease("w");
    Line dead = one.connection("k", this::open);
    dead.alive = false;
    Line line = two.connection("k", this::open);
    assertThat(line).isNotSameAs(dead);
    assertThat(dead.closed).isZero();
    one.end();
    assertThat(dead.closed).isOne();
    assertThat(line.closed).isZero();
    assertThat(lease("w").<Line>connection("k", this::open)).isSameAs(line);
  }

  @Test
  void whatDoesNotOpenLeavesNothing() throws Exception {
    Connections.Lease one = lease("w");
    assertThatThrownBy(() ->
            one.connection(
                "k",
                () -> {
                  throw new IOException("refused");
                }))
        .hasMessage("refused");
    Line line = one.connection("k", this::open);
    one.end();
    assertThat(line.closed).isOne();
  }

  @Test
  void itIsOpenedOnceHoweverManyAskAtOnce() throws Exception {
    CountDownLatch all = new CountDownLatch(8);
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Future<Line>> lines = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        lines.add(
            threads.submit(() -> {
              all.countDown();
              all.await();
              return lease("w").connection("k", this::open);
            }));
      }
      for (Future<Line> line : lines) {
        assertThat(line.get()).isSameAs(opened.getFirst());
      }
    }
    assertThat(opened).hasSize(1);
  }
}
