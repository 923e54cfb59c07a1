package kr.madang.plugins.mqtt;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.testkit.Rows;
import kr.madang.sdk.testkit.TestAllocator;
import org.eclipse.tahu.protobuf.SparkplugBProto.DataType;
import org.eclipse.tahu.protobuf.SparkplugBProto.Payload;
import org.eclipse.tahu.protobuf.SparkplugBProto.Payload.Metric;
import org.eclipse.tahu.protobuf.SparkplugBProto.Payload.PropertySet;
import org.eclipse.tahu.protobuf.SparkplugBProto.Payload.PropertyValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sparkplug 3.0: §5.11 and §6.4.7 for sequence numbers, §5.13 for what a host does with deaths. */
class EdgeNodeTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  private final Tags tags = new Tags(1_000);
  private final List<String> refusals = new ArrayList<>();
  private final EdgeNode node =
      new EdgeNode(
          (device, metric) -> tags.of(device.isEmpty() ? metric : device + "/" + metric),
          (topic, why) -> refusals.add(topic.type() + ": " + why.why()),
          1_000);

  private static Metric.Builder metric(String name, long alias, double value) {
    return Metric.newBuilder()
        .setName(name)
        .setAlias(alias)
        .setDatatype(DataType.Double.getNumber())
        .setDoubleValue(value);
  }

  private static Metric data(long alias, double value) {
    return Metric.newBuilder().setAlias(alias).setDoubleValue(value).build();
  }

  private static Payload payload(int seq, Metric... metrics) {
    return Payload.newBuilder()
        .setTimestamp(1_000)
        .setSeq(seq)
        .addAllMetrics(List.of(metrics))
        .build();
  }

  private static Metric bdSeq(long number) {
    return Metric.newBuilder()
        .setName("bdSeq")
        .setDatatype(DataType.Int64.getNumber())
        .setLongValue(number)
        .build();
  }

  private List<String> take(SparkplugTopic.Type type, String device, long nanos, Payload payload) {
    Readings out = new Readings();
    node.take(new SparkplugTopic("g", type, "n", device), payload, nanos, out);
    return shown(out);
  }

  private List<String> take(SparkplugTopic.Type type, Payload payload) {
    return take(type, "", 0, payload);
  }

  private List<String> tick(long nanos) {
    Readings out = new Readings();
    node.tick(nanos, out);
    return shown(out);
  }

  private List<String> shown(Readings out) {
    try (SampleWriter writer = new SampleWriter(arrow.get())) {
      out.write(writer, tags);
      try (Batch batch = writer.take()) {
        return Rows.of(batch).stream().map(Host::shown).toList();
      }
    }
  }

  private void born() {
    take(
        SparkplugTopic.Type.NBIRTH,
        payload(0, bdSeq(7), metric("a", 1, 1).build(), metric("b", 2, 2).build()));
  }

  @Test
  void aBirthNamesWhatAliasesMean() {
    assertThat(
            take(
                SparkplugTopic.Type.NBIRTH,
                payload(0, bdSeq(7), metric("a", 1, 1).build(), metric("b", 2, 2).build())))
        .containsExactly("a=1.0 Good", "b=2.0 Good");
    assertThat(take(SparkplugTopic.Type.NDATA, payload(1, data(2, 5))))
        .containsExactly("b=5.0 Good");
    assertThat(node.wantsBirth()).isFalse();
  }

  @Test
  void dataBeforeTheBirthAsksForOne() {
    assertThat(take(SparkplugTopic.Type.NDATA, payload(1, data(2, 5)))).isEmpty();
    assertThat(node.wantsBirth()).isTrue();
    assertThat(refusals).containsExactly("NDATA: node: expected its birth first, got NDATA");
    born();
    assertThat(node.wantsBirth()).isFalse();
  }

  @Test
  void sequenceNumbersWrapAt256() {
    born();
    for (int i = 1; i < 600; i++) {
      assertThat(take(SparkplugTopic.Type.NDATA, payload(i % 256, data(1, i)))).hasSize(1);
    }
    assertThat(refusals).isEmpty();
  }

  @Test
  void aMessageThatWasOvertakenIsPutInItsPlace() {
    born();
    assertThat(take(SparkplugTopic.Type.NDATA, payload(2, data(1, 12)))).isEmpty();
    assertThat(take(SparkplugTopic.Type.NDATA, payload(3, data(1, 13)))).isEmpty();
    assertThat(take(SparkplugTopic.Type.NDATA, payload(1, data(1, 11))))
        .containsExactly("a=11.0 Good", "a=12.0 Good", "a=13.0 Good");
    assertThat(tick(5_000)).isEmpty();
    assertThat(node.wantsBirth()).isFalse();
  }

  @Test
  void aMessageThatNeverComesMarksAllTagsAndAsksForABirth() {
    born();
    take(SparkplugTopic.Type.NDATA, "", 0, payload(3, data(1, 13)));
    assertThat(tick(999)).isEmpty();
    assertThat(tick(1_000))
        .containsExactly("a=null Bad_DataLost", "b=null Bad_DataLost", "a=13.0 Good");
    assertThat(node.wantsBirth()).isTrue();
    assertThat(take(SparkplugTopic.Type.NDATA, payload(4, data(2, 14))))
        .containsExactly("b=14.0 Good");
  }

  @Test
  void aDeathMarksAllTagsBadButNotThatOfAFormerLife() {
    born();
    assertThat(take(SparkplugTopic.Type.NDEATH, payload(0, bdSeq(6)))).isEmpty();
    assertThat(refusals)
        .containsExactly(
            "NDEATH: bdSeq: expected 7 as in the birth, got 6 (the death of a former life)");
    assertThat(take(SparkplugTopic.Type.NDEATH, payload(0, bdSeq(7))))
        .containsExactly("a=null Bad_NoCommunication", "b=null Bad_NoCommunication");
    assertThat(take(SparkplugTopic.Type.NDATA, payload(1, data(2, 5)))).isEmpty();
    assertThat(node.wantsBirth()).isTrue();
  }

  @Test
  void aDeviceIsBornAndDiesByItself() {
    born();
    assertThat(take(SparkplugTopic.Type.DBIRTH, "d", 0, payload(1, metric("x", 9, 3).build())))
        .containsExactly("d/x=3.0 Good");
    assertThat(take(SparkplugTopic.Type.DDATA, "d", 0, payload(2, data(9, 4))))
        .containsExactly("d/x=4.0 Good");
    assertThat(take(SparkplugTopic.Type.DDEATH, "d", 0, payload(3)))
        .containsExactly("d/x=null Bad_NoCommunication");
    assertThat(take(SparkplugTopic.Type.DDATA, "d", 0, payload(4, data(9, 4)))).isEmpty();
    assertThat(node.wantsBirth()).isTrue();
  }

  @Test
  void aSecondBirthLeavesNoOldTagAlive() {
    born();
    take(SparkplugTopic.Type.DBIRTH, "d", 0, payload(1, metric("x", 9, 3).build()));
    assertThat(take(SparkplugTopic.Type.NBIRTH, payload(0, bdSeq(7), metric("a", 1, 8).build())))
        .containsExactly(
            "a=null Bad_NoCommunication",
            "b=null Bad_NoCommunication",
            "d/x=null Bad_NoCommunication",
            "a=8.0 Good");
  }

  @Test
  void qualityNullAndHistoryAreKept() {
    born();
    PropertySet stale =
        PropertySet.newBuilder()
            .addKeys("Quality")
            .addValues(PropertyValue.newBuilder().setType(3).setIntValue(500))
            .build();
    PropertySet bad =
        PropertySet.newBuilder()
            .addKeys("Quality")
            .addValues(PropertyValue.newBuilder().setType(3).setIntValue(0))
            .build();
    assertThat(
            take(
                SparkplugTopic.Type.NDATA,
                payload(
                    1,
                    data(1, 5).toBuilder().setProperties(stale).build(),
                    data(1, 6).toBuilder().setProperties(bad).build(),
                    Metric.newBuilder().setAlias(2).setIsNull(true).build(),
                    data(2, 7).toBuilder().setTimestamp(500).setIsHistorical(true).build())))
        .containsExactly(
            "a=5.0 Uncertain_LastUsableValue", "a=null Bad", "b=null Bad_NoData", "b=7.0 Good");
  }

  @Test
  void signedIntegersAndTimesOf1601AreRead() {
    take(
        SparkplugTopic.Type.NBIRTH,
        payload(
            0,
            Metric.newBuilder().setName("i8").setAlias(1).setDatatype(1).setIntValue(0xFF).build(),
            Metric.newBuilder().setName("u32").setAlias(2).setDatatype(7).setIntValue(-1).build(),
            Metric.newBuilder()
                .setName("u64")
                .setAlias(3)
                .setDatatype(8)
                .setLongValue(-1)
                .build()));
    assertThat(
            take(
                SparkplugTopic.Type.NDATA,
                payload(
                    1,
                    Metric.newBuilder().setAlias(1).setIntValue(0xFE).build(),
                    Metric.newBuilder().setAlias(2).setIntValue(-1).build(),
                    Metric.newBuilder().setAlias(3).setLongValue(-1).build(),
                    Metric.newBuilder()
                        .setAlias(1)
                        .setIntValue(1)
                        .setTimestamp(-11_644_473_600_000L)
                        .build())))
        .containsExactly(
            "i8=-2.0 Good",
            "u32=4.294967295E9 Good",
            "u64=null Bad_OutOfRange",
            "i8=1.0 Uncertain");
  }

  @Test
  void anUnknownAliasAsksForABirth() {
    born();
    assertThat(take(SparkplugTopic.Type.NDATA, payload(1, data(99, 5)))).isEmpty();
    assertThat(node.wantsBirth()).isTrue();
    assertThat(refusals)
        .containsExactly("NDATA: metric: expected a name or alias of the birth, got alias 99");
  }
}
