package kr.madang.plugins.opcua;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Tag;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.TestAllocator;
import kr.madang.sdk.testkit.proxy.Fault;
import kr.madang.sdk.testkit.proxy.FaultProxy;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class BrowseTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  @Test
  void pagesFollowOneAnotherAndLeaveNothingAtTheServer() throws Exception {
    try (Plant plant = wide();
        Running running = new Running(Configs.at(plant, "n0").build(), arrow.get())) {
      running.awaitValue("n0", 0.0);
      List<String> names = new ArrayList<>();
      String after = "";
      List<Tag> page;
      do {
        page = running.feed().browse("", after, 60);
        page.forEach(tag -> names.add(tag.name()));
        after = page.isEmpty() ? "" : page.getLast().name();
      } while (page.size() >= 60);
      assertThat(names).doesNotHaveDuplicates().contains("i=2253");
      for (int i = 0; i < 250; i++) {
        assertThat(names).contains("nsu=" + Plant.URI + ";s=n" + i);
      }
      assertThat(points(plant)).isZero();
    }
  }

  @Test
  void aPageInTheMiddleIsFoundAgainByItsName() throws Exception {
    try (Plant plant = wide();
        Running running = new Running(Configs.at(plant, "n0").build(), arrow.get())) {
      List<Tag> first = running.feed().browse("", "", 50);
      List<Tag> second = running.feed().browse("", first.getLast().name(), 50);
      List<Tag> again = running.feed().browse("", first.getLast().name(), 50);
      assertThat(again).isEqualTo(second);
      assertThat(points(plant)).isOne();
      running.feed().browse("i=2253", "", 1_000);
      assertThat(points(plant)).as("the open list was given back").isZero();
    }
  }

  @Test
  void aPlaceThatIsNotThereIsNamed() throws Exception {
    try (Plant plant = wide();
        Running running = new Running(Configs.at(plant, "n0").build(), arrow.get())) {
      assertThatThrownBy(() -> running.feed().browse("ns=1;s=nowhere", "", 10))
          .isInstanceOf(PluginException.class)
          .hasMessageContaining("Bad_NodeIdUnknown");
      assertThatThrownBy(() -> running.feed().browse("pump 1", "", 10))
          .isInstanceOf(PluginException.class)
          .hasMessageContaining("there is no place 'pump 1'");
    }
  }

  @Test
  void anInterruptEndsTheWait() throws Exception {
    try (Plant plant = wide();
        FaultProxy proxy = FaultProxy.to(plant.port());
        Running running = new Running(Configs.at(plant, proxy.port(), "n0").build(), arrow.get())) {
      running.awaitValue("n0", 0.0);
      proxy.set(new Fault.StallAfter(0));
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      Thread operator =
          new Thread(() -> {
            try {
              running.feed().browse("", "", 10);
            } catch (Throwable e) {
              thrown.set(e);
            }
          });
      operator.start();
      Await.until("it waits", () -> operator.getState() == Thread.State.TIMED_WAITING);
      operator.interrupt();
      operator.join(2_000);
      assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
      proxy.set(new Fault.Pass());
    }
  }

  private static Plant wide() throws Exception {
    Plant plant = new Plant();
    for (int i = 0; i < 250; i++) {
      plant.add("n" + i, NodeIds.Int32, i);
    }
    return plant;
  }

  private static int points(Plant plant) {
    return plant.server().getSessionManager().getAllSessions().stream()
        .mapToInt(session -> session.getBrowseContinuationPoints().size())
        .sum();
  }
}
