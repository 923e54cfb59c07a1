package kr.madang.plugins.modbus;

import static kr.madang.plugins.modbus.Configs.at;
import static kr.madang.plugins.modbus.Configs.config;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import kr.madang.plugins.modbus.Configs.Builder;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.testkit.Rows;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.apache.arrow.memory.RootAllocator;
import org.jspecify.annotations.Nullable;

class PointTest {
  private static final int FIRST = 100;
  private static final int DATA = 9;

  @Property(tries = 200)
  void aFloatComesBackInEachOrder(
      @ForAll float value, @ForAll Order bytes, @ForAll Order words, @ForAll boolean later) {
    byte[] big = ByteBuffer.allocate(4).putFloat(value).array();
    assertThat(read(at("t", Table.INPUT, 0).type(Type.FLOAT32), big, bytes, words, later))
        .containsEntry("value", (double) value);
  }

  @Property(tries = 200)
  void aLongComesBackInEachOrderWithoutLossOfDigits(
      @ForAll long value, @ForAll Order bytes, @ForAll Order words, @ForAll boolean later) {
    byte[] big = ByteBuffer.allocate(8).putLong(value).array();
    Map<String, @Nullable Object> row =
        read(at("t", Table.INPUT, 0).type(Type.INT64), big, bytes, words, later);
    Object exact = row.get("long");
    if (exact == null) {
      assertThat(row).containsEntry("value", (double) value);
      assertThat(Math.abs(value)).isLessThanOrEqualTo(1L << 53);
    } else {
      assertThat(exact).isEqualTo(value);
      assertThat(row.get("value")).isNull();
    }
  }

  @Property(tries = 200)
  void anUnsignedIntegerIsNeverNegative(@ForAll int value, @ForAll Order bytes) {
    byte[] big = ByteBuffer.allocate(4).putInt(value).array();
    assertThat(read(at("t", Table.INPUT, 0).type(Type.UINT32), big, bytes, bytes, false))
        .containsEntry("value", (double) Integer.toUnsignedLong(value));
  }

  @Example
  void theFourOrdersHaveTheLayoutsThatManualsCallByLetters() {
    double expected = Float.intBitsToFloat(0x41424344);
    for (Map.Entry<String, List<Order>> layout :
        Map.of(
                "ABCD", List.of(Order.BIG, Order.BIG),
                "CDAB", List.of(Order.BIG, Order.LITTLE),
                "BADC", List.of(Order.LITTLE, Order.BIG),
                "DCBA", List.of(Order.LITTLE, Order.LITTLE))
            .entrySet()) {
      Builder register =
          at("t", Table.HOLDING, FIRST)
              .type(Type.FLOAT32)
              .orders(layout.getValue().getFirst(), layout.getValue().getLast());
      assertThat(row(register, layout.getKey().getBytes(StandardCharsets.US_ASCII)))
          .as(layout.getKey())
          .containsEntry("value", expected);
    }
  }

  @Example
  void aLargeUnsignedIntegerIsBadUnlessItIsScaled() {
    byte[] ones = {-1, -1, -1, -1, -1, -1, -1, -1};
    Builder plain = at("t", Table.HOLDING, FIRST).type(Type.UINT64);
    assertThat(row(plain, ones)).containsEntry("status", Quality.BAD_OUT_OF_RANGE);
    Builder scaled = at("t", Table.HOLDING, FIRST).type(Type.UINT64).scaled(0.5, 0);
    assertThat(row(scaled, ones)).containsEntry("value", Math.pow(2, 63));
  }

  @Example
  void aTextEndsAtItsFirstZeroAndMustBeUtf8() {
    byte[] swapped = {'a', 'P', 'm', 'u', 0, 'p', 'x', 'x'};
    assertThat(
            row(
                at("t", Table.HOLDING, FIRST)
                    .type(Type.STRING)
                    .length(8)
                    .orders(Order.LITTLE, Order.BIG),
                swapped))
        .containsEntry("text", "Paump");
    assertThat(
            row(
                at("t", Table.HOLDING, FIRST).type(Type.STRING).length(6),
                "펌프".getBytes(StandardCharsets.UTF_8)))
        .containsEntry("text", "펌프");
    assertThat(
            row(
                at("t", Table.HOLDING, FIRST).type(Type.STRING).length(2),
                new byte[] {(byte) 0xC6, 'x'}))
        .containsEntry("status", Quality.BAD_TYPE_MISMATCH);
  }

  private static Map<String, @Nullable Object> read(
      Builder register, byte[] big, Order bytes, Order words, boolean later) {
    int count = big.length / 2;
    byte[] sent = new byte[big.length];
    for (int i = 0; i < big.length; i++) {
      int word = words == Order.LITTLE ? count - 1 - i / 2 : i / 2;
      sent[2 * word + (bytes == Order.LITTLE ? 1 - i % 2 : i % 2)] = big[i];
    }
    return row(register.orders(bytes, words), sent, 0, later ? 3 : 0);
  }

  private static Map<String, @Nullable Object> row(Builder register, byte[] sent) {
    return row(register, sent, FIRST, 0);
  }

  /** Decodes bytes that begin some registers after the start of an answer. */
  private static Map<String, @Nullable Object> row(
      Builder register, byte[] sent, int address, int before) {
    byte[] answer = new byte[DATA + 2 * before + sent.length];
    System.arraycopy(sent, 0, answer, DATA + 2 * before, sent.length);
    Register built = register.build();
    Point point = new Point(built, config(502, built));
    try (RootAllocator allocator = new RootAllocator();
        SampleWriter writer = new SampleWriter(allocator)) {
      point.bind(writer);
      point.write(answer, DATA, address - before, writer);
      try (Batch batch = writer.take()) {
        return Rows.of(batch).getFirst();
      }
    }
  }
}
