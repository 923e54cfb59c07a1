package kr.madang.plugins.opcua;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.source.Tag;

/** One tag and the node it comes from. */
record Item(
    @Doc("Name of the tag") String tag,
    @Doc("Node id, by namespace index (ns=2;s=Pump1.Current) or URI (nsu=urn:x;s=Pump1.Current)")
        String node,
    @Doc("Engineering unit, as a UCUM code") @Default("''") String unit,
    @Doc("Time between two samples at the server; that of the source if left out")
        Optional<Duration> samplingInterval,
    @Doc("Samples the server keeps between two messages; that of the source if left out")
        @Range(min = 1, max = 100_000)
        Optional<Integer> queueSize,
    @Doc("Whether a full queue drops its oldest sample; that of the source if left out")
        Optional<Boolean> discardOldest,
    @Doc("Least change of a number that is reported") Optional<Double> deadband,
    @Doc("Whether the dead-band is absolute or in percent of EURange") @Default("absolute")
        Deadband deadbandType,
    @Doc(
            "Element (\"3\", \"1,2\") or window (\"0:99\") of an array; a window gives the tags tag[0] …")
        Optional<String> range,
    @Doc("Field of a structure, as a path: spindle.axes[2].speed") Optional<String> field,
    @Doc("Whether an enumeration comes as number or text") @Default("number") Form enumAs,
    @Doc("One line for people") @Default("''") String description) {

  /** Checks each component. */
  Item {
    try {
      if (!tag.isEmpty() && range.isPresent() && IndexRange.parse(range.get()).window()) {
        new Tag(tag + "[" + IndexRange.parse(range.get()).last() + "]");
      }
      new Tag(tag, unit, description);
      NodeName.parse(node);
      range.ifPresent(IndexRange::parse);
      field.ifPresent(FieldPath::parse);
      samplingInterval.ifPresent(it ->
          check(
              !it.isNegative() && it.compareTo(Duration.ofDays(1)) <= 0,
              "samplingInterval",
              "a time from 0 to 1 day",
              it));
      queueSize.ifPresent(
          it -> check(it >= 1 && it <= 100_000, "queueSize", "a number from 1 to 100000", it));
      deadband.ifPresent(
          it -> check(it > 0 && Double.isFinite(it), "deadband", "a number above 0", it));
      check(
          deadbandType == Deadband.ABSOLUTE || deadband.isEmpty() || deadband.get() <= 100,
          "deadband",
          "at most 100 percent",
          deadband.orElse(0.0));
      check(
          field.isEmpty() || range.isEmpty() || !IndexRange.parse(range.get()).window(),
          "field",
          "no window of an array beside it",
          range.orElse(""));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("tag '" + tag + "': " + e.getMessage(), e);
    }
  }

  /** The names of the tags that this item delivers: one, or one for each element of a window. */
  List<String> tags() {
    Optional<IndexRange> window = range.map(IndexRange::parse).filter(IndexRange::window);
    return window.isEmpty()
        ? List.of(tag)
        : IntStream.rangeClosed(window.get().first(), window.get().last())
            .mapToObj(i -> tag + "[" + i + "]")
            .toList();
  }

  static void check(boolean holds, String field, String expected, Object got) {
    if (!holds) {
      throw new IllegalArgumentException(field + ": expected " + expected + ", got " + got);
    }
  }
}
