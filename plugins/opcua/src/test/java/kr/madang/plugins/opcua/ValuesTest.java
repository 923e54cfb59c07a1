package kr.madang.plugins.opcua;

import static org.assertj.core.api.Assertions.assertThat;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ubyte;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.uint;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ulong;
import static org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.Unsigned.ushort;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.Rows;
import kr.madang.sdk.testkit.TestAllocator;
import org.eclipse.milo.opcua.stack.core.NodeIds;
import org.eclipse.milo.opcua.stack.core.encoding.binary.OpcUaBinaryEncoder;
import org.eclipse.milo.opcua.stack.core.types.builtin.ByteString;
import org.eclipse.milo.opcua.stack.core.types.builtin.DataValue;
import org.eclipse.milo.opcua.stack.core.types.builtin.DateTime;
import org.eclipse.milo.opcua.stack.core.types.builtin.ExtensionObject;
import org.eclipse.milo.opcua.stack.core.types.builtin.LocalizedText;
import org.eclipse.milo.opcua.stack.core.types.builtin.NodeId;
import org.eclipse.milo.opcua.stack.core.types.builtin.QualifiedName;
import org.eclipse.milo.opcua.stack.core.types.builtin.StatusCode;
import org.eclipse.milo.opcua.stack.core.types.builtin.Variant;
import org.eclipse.milo.opcua.stack.core.types.structured.Argument;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

@Timeout(60)
class ValuesTest {
  /** 2026-01-01T00:00:00Z in the ticks of OPC UA. */
  private static final long NEW_YEAR = 134_116_992_000_000_000L;

  private static final long NEW_YEAR_NANOS = 1_767_225_600_000_000_000L;

  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  static Stream<Arguments> values() {
    return Stream.of(
        Arguments.of(NodeIds.Boolean, true, "value", 1.0),
        Arguments.of(NodeIds.SByte, (byte) -5, "value", -5.0),
        Arguments.of(NodeIds.Byte, ubyte(250), "value", 250.0),
        Arguments.of(NodeIds.Int16, (short) -300, "value", -300.0),
        Arguments.of(NodeIds.UInt16, ushort(65_535), "value", 65_535.0),
        Arguments.of(NodeIds.Int32, -70_000, "value", -70_000.0),
        Arguments.of(NodeIds.UInt32, uint(4_294_967_295L), "value", 4_294_967_295.0),
        Arguments.of(NodeIds.Int64, 9_007_199_254_740_992L, "value", 9_007_199_254_740_992.0),
        Arguments.of(NodeIds.Int64, -9_007_199_254_740_993L, "long", -9_007_199_254_740_993L),
        Arguments.of(NodeIds.UInt64, ulong(Long.MAX_VALUE), "long", Long.MAX_VALUE),
        Arguments.of(NodeIds.UInt64, ulong(-1), "status", Quality.BAD_OUT_OF_RANGE),
        Arguments.of(NodeIds.Float, 1.5f, "value", 1.5),
        Arguments.of(NodeIds.Double, -2.25, "value", -2.25),
        Arguments.of(NodeIds.Double, Double.NaN, "status", Quality.BAD_OUT_OF_RANGE),
        Arguments.of(NodeIds.Float, Float.NEGATIVE_INFINITY, "status", Quality.BAD_OUT_OF_RANGE),
        Arguments.of(NodeIds.String, "마당", "text", "마당"),
        Arguments.of(NodeIds.DateTime, new DateTime(NEW_YEAR), "long", NEW_YEAR_NANOS),
        Arguments.of(
            NodeIds.Guid,
            UUID.fromString("0fe1d2c3-b4a5-9687-7869-5a4b3c2d1e0f"),
            "text",
            "0fe1d2c3-b4a5-9687-7869-5a4b3c2d1e0f"),
        Arguments.of(
            NodeIds.ByteString, ByteString.of(new byte[] {1, -1}), "bytes", new byte[] {1, -1}),
        Arguments.of(NodeIds.NodeId, new NodeId(2, "x"), "text", "ns=2;s=x"),
        Arguments.of(
            NodeIds.StatusCode, new StatusCode(0x80310000L), "value", (double) 0x80310000L),
        Arguments.of(NodeIds.QualifiedName, new QualifiedName(1, "q"), "text", "1:q"),
        Arguments.of(NodeIds.LocalizedText, LocalizedText.english("on"), "text", "on"),
        Arguments.of(NodeIds.BaseDataType, 12, "value", 12.0),
        Arguments.of(NodeIds.Duration, 12.5, "value", 12.5));
  }

  @ParameterizedTest
  @MethodSource("values")
  void aValueOfEachTypeIsCarried(NodeId type, Object sent, String column, Object expected)
      throws Exception {
    Map<String, @Nullable Object> row = first(type, Plant.good(sent));
    assertThat(row.get(column)).isEqualTo(expected);
    assertThat(Stream.of("value", "long", "text", "bytes").filter(it -> row.get(it) != null))
        .hasSize(column.equals("status") ? 0 : 1);
    if (!column.equals("status")) {
      assertThat(row.get("status")).isEqualTo(Quality.GOOD);
    }
  }

  @Test
  void statusAndTimesArriveToTheLastBit() throws Exception {
    DataValue value =
        new DataValue(
            new Variant(4.0),
            new StatusCode(0x40A7_0480L),
            new DateTime(NEW_YEAR + 1),
            ushort(1_234),
            new DateTime(NEW_YEAR + 5),
            ushort(0));
    Map<String, @Nullable Object> row = first(NodeIds.Double, value);
    assertThat(row.get("status")).isEqualTo(0x40A7_0480);
    assertThat(row.get("sourceTime")).isEqualTo(NEW_YEAR_NANOS + 100 + 12);
    assertThat(row.get("value")).isEqualTo(4.0);
  }

  @Test
  void aBadSampleKeepsItsReasonAndTimeAndHasNoValue() throws Exception {
    Map<String, @Nullable Object> row =
        first(
            NodeIds.Double,
            new DataValue(
                new Variant(4.0), new StatusCode(0x808C_0001L), new DateTime(NEW_YEAR), null));
    assertThat(row.get("status")).isEqualTo(0x808C_0001);
    assertThat(row.get("value")).isNull();
    assertThat(row.get("sourceTime")).isEqualTo(NEW_YEAR_NANOS);
  }

  @Test
  void theServersTimeStandsInForAMissingSourceTime() throws Exception {
    Map<String, @Nullable Object> row =
        decoded(new DataValue(new Variant(4.0), StatusCode.GOOD, null, new DateTime(NEW_YEAR)));
    assertThat(row.get("sourceTime")).isEqualTo(NEW_YEAR_NANOS);
    assertThat(row.get("status")).isEqualTo(Quality.GOOD);
  }

  @Test
  void aSampleWithoutAnyTimeHasNone() {
    Map<String, @Nullable Object> row =
        decoded(new DataValue(new Variant(4.0), StatusCode.GOOD, null, null));
    assertThat(row.get("sourceTime")).isNull();
    assertThat(row.get("status")).isEqualTo(Quality.GOOD);
  }

  @Test
  void randomBytesAreRefusedAndNeverDoHarm() {
    java.util.Random random = new java.util.Random(7);
    Target target = new Target(0, new Configs.Tagged("x").range("0:9").build());
    Values values = new Values(new Oddities(org.slf4j.LoggerFactory.getLogger("x"), Instant::now));
    Cursor in = new Cursor();
    int refused = 0;
    try (SampleWriter writer = new SampleWriter(arrow.get())) {
      target.bind(writer);
      for (int i = 0; i < 50_000; i++) {
        byte[] bytes = new byte[random.nextInt(60)];
        random.nextBytes(bytes);
        try {
          values.read(in.over(bytes), target, writer, true);
        } catch (PluginException e) {
          assertThat(e.code()).isEqualTo(ErrorCode.PROTOCOL);
          refused++;
        }
        writer.clear();
      }
    }
    assertThat(refused).isBetween(10_000, 49_999);
  }

  /** What is made of a data value as it is written on the wire. */
  private Map<String, @Nullable Object> decoded(DataValue value) {
    io.netty.buffer.ByteBuf buffer = io.netty.buffer.Unpooled.buffer();
    OpcUaBinaryEncoder encoder = new OpcUaBinaryEncoder(new Stack().encoding());
    encoder.setBuffer(buffer);
    encoder.encodeDataValue(value);
    byte[] bytes = new byte[buffer.readableBytes()];
    buffer.readBytes(bytes);
    Target target = new Target(0, new Configs.Tagged("x").build());
    try (SampleWriter writer = new SampleWriter(arrow.get())) {
      target.bind(writer);
      new Values(new Oddities(org.slf4j.LoggerFactory.getLogger("x"), Instant::now))
          .read(new Cursor().over(bytes), target, writer, true);
      try (Batch batch = writer.take()) {
        return Rows.of(batch).getFirst();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("impossible")
  void aTimeThatCannotBeIsLeftOutAndTheSampleUncertain(long ticks) throws Exception {
    Map<String, @Nullable Object> row =
        first(
            NodeIds.Double,
            new DataValue(
                new Variant(4.0), StatusCode.GOOD, new DateTime(ticks), new DateTime(NEW_YEAR)));
    assertThat(row.get("sourceTime")).isNull();
    assertThat(row.get("status")).isEqualTo(Quality.UNCERTAIN);
    assertThat(row.get("value")).isEqualTo(4.0);
  }

  static Stream<Long> impossible() {
    return Stream.of(1L, 864_000_000_000L, 2_650_467_743_990_000_000L, Long.MAX_VALUE);
  }

  @Test
  void aGoodSampleWithoutValueIsMissing() throws Exception {
    Map<String, @Nullable Object> row =
        first(
            NodeIds.Double,
            new DataValue(Variant.NULL_VALUE, StatusCode.GOOD, new DateTime(NEW_YEAR), null));
    assertThat(row.get("status")).isEqualTo(Quality.BAD_NO_DATA);
  }

  @Test
  void aValueOfAnotherTypeThanDeclaredIsRefused() throws Exception {
    try (Plant plant = new Plant().add("x", NodeIds.Double, 1.0);
        Running running = new Running(Configs.at(plant, "x").build(), arrow.get())) {
      running.awaitValue("x", 1.0);
      plant.set("x", "five");
      running.awaitValue("x", "Bad_TypeMismatch");
      plant.set("x", new Double[] {1.0, 2.0});
      Await.until("again", () -> running.values("x").size() == 3);
      plant.set("x", 2.0);
      running.awaitValue("x", 2.0);
      assertThat(running.values("x"))
          .containsExactly(1.0, "Bad_TypeMismatch", "Bad_TypeMismatch", 2.0);
    }
  }

  @Test
  void arraysComeByElementOrWindow() throws Exception {
    Integer[] numbers = {10, 11, 12, 13};
    try (Plant plant =
            new Plant().add("numbers", NodeIds.Int32, numbers).add("bytes", NodeIds.Byte, bytes());
        Running running =
            new Running(
                Configs.at(plant, "bytes")
                    .tag(named("element", "numbers").range("2"))
                    .tag(named("window", "numbers").range("1:5"))
                    .tag(named("beyond", "numbers").range("7"))
                    .tag(named("whole", "numbers"))
                    .build(),
                arrow.get())) {
      running.awaitValue("window[3]", 13.0);
      assertThat(running.values("element")).containsExactly(12.0);
      assertThat(running.values("window[1]")).containsExactly(11.0);
      assertThat(running.values("window[4]")).containsExactly("Bad_IndexRangeNoData");
      assertThat(running.values("beyond")).containsExactly("Bad_IndexRangeNoData");
      assertThat(running.values("whole")).containsExactly("Bad_TypeMismatch");
      assertThat(running.values("bytes")).containsExactly((Object) new byte[] {1, (byte) 200});
    }
  }

  private static Object bytes() {
    return new org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UByte[] {
      ubyte(1), ubyte(200)
    };
  }

  @Test
  void aFieldOfAStructureIsFoundByItsPath() throws Exception {
    try (Plant plant = new Plant()) {
      ExtensionObject value =
          ExtensionObject.encode(
              plant.server().getStaticEncodingContext(),
              new Argument(
                  "speed",
                  NodeIds.Double,
                  1,
                  new org.eclipse.milo.opcua.stack.core.types.builtin.unsigned.UInteger[] {
                    uint(3), uint(5)
                  },
                  LocalizedText.english("of the spindle")));
      plant.add("argument", NodeIds.Argument, value);
      try (Running running =
          new Running(
              Configs.at(plant, "argument")
                  .tag(named("name", "argument").field("Name"))
                  .tag(named("rank", "argument").field("ValueRank"))
                  .tag(named("second", "argument").field("ArrayDimensions[1]"))
                  .tag(named("third", "argument").field("ArrayDimensions[2]"))
                  .tag(named("description", "argument").field("Description"))
                  .tag(named("wrong", "argument").field("Speed"))
                  .build(),
              arrow.get())) {
        running.awaitValue("description", "of the spindle");
        assertThat(running.values("name")).containsExactly("speed");
        assertThat(running.values("rank")).containsExactly(1.0);
        assertThat(running.values("second")).containsExactly(5.0);
        assertThat(running.values("third")).containsExactly("Bad_NoData");
        assertThat(running.values("argument")).containsExactly("Bad_TypeMismatch");
        assertThat(running.values("wrong")).containsExactly("Bad_ConfigurationError");
      }
    }
  }

  @Test
  void anEnumerationComesAsNumberOrText() throws Exception {
    try (Plant plant = new Plant().add("state", NodeIds.ServerState, 3);
        Running running =
            new Running(
                Configs.at(plant, "state").tag(named("words", "state").asText()).build(),
                arrow.get())) {
      running.awaitValue("state", 3.0);
      running.awaitValue("words", "Suspended");
      plant.set("state", 99);
      running.awaitValue("words", "99");
    }
  }

  @Test
  void aDeadBandHoldsSmallChangesBack() throws Exception {
    try (Plant plant = new Plant().add("flow", NodeIds.Double, 0.0);
        Running running =
            new Running(
                Configs.at(plant)
                    .tag(new Configs.Tagged("flow").deadband(1.0, Deadband.ABSOLUTE))
                    .build(),
                arrow.get())) {
      running.awaitValue("flow", 0.0);
      plant.set("flow", 0.5);
      plant.set("flow", 3.0);
      plant.set("flow", 3.9);
      plant.set("flow", 5.0);
      running.awaitValue("flow", 5.0);
      assertThat(running.values("flow")).containsExactly(0.0, 3.0, 5.0);
    }
  }

  @Test
  void anOverflowIsMarkedAtTheSampleWhereItHappened() throws Exception {
    try (Plant plant = new Plant().add("flow", NodeIds.Double, 0.0)) {
      Configs configs = Configs.at(plant).tag(new Configs.Tagged("flow").queue(2, true));
      configs.publishing = java.time.Duration.ofMillis(300);
      try (Running running = new Running(configs.build(), arrow.get())) {
        running.awaitValue("flow", 0.0);
        for (int i = 1; i <= 5; i++) {
          plant.set("flow", (double) i);
        }
        running.awaitValue("flow", 5.0);
        assertThat(running.rows("flow"))
            .anySatisfy(row -> {
              assertThat(Values.overflow((Integer) row.get("status"))).isTrue();
              assertThat(Quality.isGood((Integer) row.get("status"))).isTrue();
            });
      }
    }
  }

  @Test
  void anUnknownNodeIsBadAloneAndFoundWhenItComes() throws Exception {
    try (Plant plant = new Plant().add("flow", NodeIds.Double, 1.0);
        Running running =
            new Running(
                Configs.at(plant, "flow", "gone")
                    .tag(named("far", "x").node("nsu=urn:nowhere;s=x"))
                    .build(),
                arrow.get())) {
      running.awaitValue("flow", 1.0);
      assertThat(running.values("gone")).containsExactly("Bad_NodeIdUnknown");
      assertThat(running.values("far")).containsExactly("Bad_NodeIdUnknown");
    }
  }

  @Test
  void manyTagsAreSplitOverSubscriptionsAndRequests() throws Exception {
    Plant.Setup setup = new Plant.Setup();
    setup.monitoredPerCall = 7;
    setup.perRead = 11;
    try (Plant plant = new Plant(setup)) {
      Configs configs = Configs.at(plant);
      configs.tagsPerSubscription = 40;
      for (int i = 0; i < 100; i++) {
        plant.add("t" + i, NodeIds.Int32, i);
        configs.tag("t" + i);
      }
      try (Running running = new Running(configs.build(), arrow.get())) {
        for (int i = 0; i < 100; i++) {
          running.awaitValue("t" + i, (double) i);
        }
        assertThat(plant.subscriptions()).isEqualTo(3);
        plant.set("t99", 1_000);
        running.awaitValue("t99", 1_000.0);
      }
    }
  }

  private Map<String, @Nullable Object> first(NodeId type, DataValue value) throws Exception {
    try (Plant plant = new Plant().add("x", type, value);
        Running running = new Running(Configs.at(plant, "x").build(), arrow.get())) {
      Await.until("a row", () -> !running.rows("x").isEmpty());
      List<Map<String, @Nullable Object>> rows = running.rows("x");
      assertThat(rows).hasSize(1);
      return rows.getFirst();
    }
  }

  private static Configs.Tagged named(String tag, String node) {
    return new Configs.Tagged(tag).node("nsu=" + Plant.URI + ";s=" + node);
  }
}
