package kr.madang.plugins.opcua;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;

import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.TestAllocator;
import org.eclipse.milo.opcua.sdk.core.AccessLevel;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

@Timeout(60)
class CommandTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  @Test
  void aValueIsWrittenInTheNodesTypeAndReadBack() throws Exception {
    try (Plant plant =
            new Plant()
                .add("speed", NodeIds.Double, 0.0)
                .add("count", NodeIds.Int16, (short) 0)
                .add("level", NodeIds.Byte, ubyte(0))
                .add("on", NodeIds.Boolean, false)
                .add("axes", NodeIds.Float, new Float[] {1f, 2f, 3f})
                .add("name", NodeIds.String, "x");
        Running running =
            new Running(
                Configs.at(plant, "speed", "count", "level", "on", "name")
                    .tag(
                        new Configs.Tagged("second")
                            .node("nsu=" + Plant.URI + ";s=axes")
                            .range("1"))
                    .build(),
                arrow.get())) {
      Feed feed = running.feed();
      assertThat(feed.command("speed", 12.5)).isEqualTo(12.5);
      assertThat(feed.command("count", -7)).isEqualTo(-7);
      assertThat(feed.command("on", 1)).isEqualTo(1);
      assertThat(feed.command("second", 9.5)).isEqualTo(9.5);
      assertThat(plant.node("count").getValue().getValue().getValue()).isEqualTo((short) -7);
      assertThat((Float[]) plant.node("axes").getValue().getValue().getValue())
          .containsExactly(1f, 9.5f, 3f);
      refused(feed, "count", 1.5, "a whole number from -32768 to 32767, got 1.5");
      refused(feed, "level", 256, "0 to 255");
      refused(feed, "on", 2, "0 or 1");
      refused(feed, "speed", Double.NaN, "a number, got NaN");
      refused(feed, "name", 1, "a node that holds a number");
      refused(feed, "nothing", 1, "there is no tag 'nothing'");
    }
  }

  @Test
  void aValueOutsideOfTheNodesRangeIsRefusedHere() throws Exception {
    try (Plant plant = new Plant().add("speed", NodeIds.Double, 10.0)) {
      plant.range("speed", 0, 100);
      try (Running running = new Running(Configs.at(plant, "speed").build(), arrow.get())) {
        refused(running.feed(), "speed", 100.5, "a value from 0.0 to 100.0, got 100.5");
        assertThat(plant.node("speed").getValue().getValue().getValue()).isEqualTo(10.0);
        assertThat(running.feed().command("speed", 100)).isEqualTo(100);
      }
    }
  }

  @Test
  void whatTheServerRefusesIsSaid() throws Exception {
    try (Plant plant = new Plant().add("speed", NodeIds.Double, 10.0)) {
      plant.node("speed").setAccessLevel(AccessLevel.toValue(AccessLevel.CurrentRead));
      plant.node("speed").setUserAccessLevel(AccessLevel.toValue(AccessLevel.CurrentRead));
      try (Running running = new Running(Configs.at(plant, "speed").build(), arrow.get())) {
        refused(running.feed(), "speed", 5, "the server refused 5.0: Bad_UserAccessDenied");
      }
    }
  }

  private static void refused(Feed feed, String tag, double value, String why) {
    assertThatThrownBy(() -> feed.command(tag, value))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining(why);
  }
}
