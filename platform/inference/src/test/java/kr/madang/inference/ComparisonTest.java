package kr.madang.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

final class ComparisonTest {
  private static final List<ModelInfo.Signature> DECLARED =
      List.of(new ModelInfo.Signature("y", "float32", List.of(-1L, 2L), List.of("n", "")));

  private static Tensor floats(String name, long[] shape, float... values) {
    ByteBuffer data = ByteBuffer.allocateDirect(values.length * 4).order(ByteOrder.nativeOrder());
    for (int i = 0; i < values.length; i++) {
      data.putFloat(i * 4, values[i]);
    }
    return new Tensor(name, "float32", shape, data);
  }

  private static Tensor labels(long... values) {
    ByteBuffer data = ByteBuffer.allocateDirect(values.length * 8).order(ByteOrder.nativeOrder());
    for (int i = 0; i < values.length; i++) {
      data.putLong(i * 8, values[i]);
    }
    return new Tensor("label", "int64", new long[] {values.length}, data);
  }

  @Test
  void aRowAgreesIfAllItsNumbersAreWithinTheTolerance() {
    Comparison comparison = new Comparison(DECLARED, 0.01, Map.of());
    comparison.both(
        List.of(floats("y", new long[] {3, 2}, 1, 2, 3, 4, 1_000, 6)),
        List.of(floats("y", new long[] {3, 2}, 1.005f, 2, 3, 4.1f, 1_009, 6)));
    Comparison.Figures figures = comparison.figures();
    assertThat(figures.compared()).isEqualTo(3);
    assertThat(figures.agreed()).isEqualTo(2);
    assertThat(figures.misshapen()).isZero();
    assertThat(figures.outputs().getFirst().difference()).isEqualTo(9);
  }

  @Test
  void eachOutputMayHaveItsToleranceAndLabelsAreEqualOrNot() {
    Comparison comparison = new Comparison(DECLARED, 0, Map.of("y", 1.0));
    Tensor old = floats("y", new long[] {2, 2}, 1, 2, 3, 4);
    Tensor fresh = floats("y", new long[] {2, 2}, 1.5f, 2, 3, 4);
    comparison.both(List.of(old, labels(7, 8)), List.of(fresh, labels(7, 9)));
    assertThat(comparison.figures().agreed()).isEqualTo(1);
    assertThat(comparison.figures().outputs())
        .extracting(Comparison.Output::agreement)
        .containsExactly(1.0, 0.5);
  }

  @Test
  void whatIsNoNumberAgreesWithItselfOnlyAndIsCounted() {
    Comparison comparison = new Comparison(DECLARED, 0.1, Map.of());
    Tensor nan = floats("y", new long[] {1, 2}, Float.NaN, 1);
    comparison.both(List.of(nan), List.of(nan));
    assertThat(comparison.figures().agreed()).isEqualTo(1);
    comparison.both(List.of(floats("y", new long[] {1, 2}, 0, 1)), List.of(nan));
    comparison.both(
        List.of(floats("y", new long[] {1, 2}, 1, 1)),
        List.of(floats("y", new long[] {1, 2}, Float.POSITIVE_INFINITY, 1)));
    Comparison.Figures figures = comparison.figures();
    assertThat(figures.agreed()).isEqualTo(1);
    assertThat(figures.oldUnsound()).isEqualTo(1);
    assertThat(figures.freshUnsound()).isEqualTo(3);
  }

  @Test
  void anotherShapeIsNamed() {
    Comparison comparison = new Comparison(DECLARED, 0.1, Map.of());
    comparison.both(
        List.of(floats("y", new long[] {1, 2}, 0, 1)), List.of(floats("y", new long[] {1, 1}, 0)));
    Comparison.Figures figures = comparison.figures();
    assertThat(figures.agreement()).isZero();
    assertThat(figures.misshapen()).isEqualTo(1);
    assertThat(figures.shape())
        .isEqualTo("output 'y': expected float32 [n, 2], got float32 [1, 1]");
  }

  @Test
  void textsAndNothingAreCompared() {
    Comparison comparison = new Comparison(List.of(), 0.1, Map.of());
    ByteBuffer data = ByteBuffer.allocateDirect(5).order(ByteOrder.nativeOrder());
    data.put(0, (byte) 1).put(4, (byte) 'a');
    Tensor text = new Tensor("t", "string", new long[] {1}, data);
    comparison.both(List.of(text), List.of(text));
    comparison.both(List.of(text), List.of());
    comparison.both(List.of(), List.of());
    comparison.both(
        List.of(floats("y", new long[] {0, 2})), List.of(floats("y", new long[] {0, 2})));
    assertThat(comparison.figures().compared()).isEqualTo(2);
    assertThat(comparison.figures().agreed()).isEqualTo(1);
  }

  /** The index of a normal distribution that is moved by d deviations is about d squared. */
  @Property(tries = 30)
  void whatIsSpreadAlikeHasASmallIndexAndWhatIsMovedALargeOne(@ForAll long seed) {
    Random random = new Random(seed);
    Spread alike = new Spread(true);
    Spread moved = new Spread(true);
    for (int i = 0; i < 4_000; i++) {
      alike.add(Spread.OLD, random.nextGaussian());
      alike.add(Spread.FRESH, random.nextGaussian());
      moved.add(Spread.OLD, random.nextGaussian());
      moved.add(Spread.FRESH, random.nextGaussian() + 1);
    }
    assertThat(alike.shift()).isBetween(0.0, 0.05);
    assertThat(moved.shift()).isCloseTo(1, within(0.5));
  }

  @Test
  void valuesThatNeverChangeAreToldFromOthersOnBothSides() {
    for (double other : new double[] {1, 3, Double.NaN}) {
      Spread spread = new Spread(true);
      for (int i = 0; i < 400; i++) {
        spread.add(Spread.OLD, 2);
        spread.add(Spread.FRESH, i % 2 == 0 ? 2 : other);
      }
      assertThat(spread.shift()).as("%s", other).isGreaterThan(1);
    }
    Spread same = new Spread(true);
    for (int i = 0; i < 400; i++) {
      same.add(Spread.OLD, Double.NaN);
      same.add(Spread.FRESH, Double.NaN);
    }
    assertThat(same.shift()).isZero();
  }

  @Test
  void labelsBeyondThoseThatAreToldApartAreOneBin() {
    Spread spread = new Spread(false);
    for (int i = 0; i < 1_000; i++) {
      spread.label(Spread.OLD, i % 50);
      spread.label(Spread.FRESH, i % 50);
    }
    assertThat(spread.shift()).isZero();
    for (int i = 0; i < 1_000; i++) {
      spread.label(Spread.FRESH, 3);
    }
    assertThat(spread.shift()).isGreaterThan(0.5);
  }
}
