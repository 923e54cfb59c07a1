package kr.madang.journal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Puts the streams and cursors together from what is in the segments. */
final class Rebuild {
  private final Log log;
  private final Map<String, Long> uncertain = new HashMap<>();
  private final List<SegmentIndex> told = new ArrayList<>();

  Rebuild(Log log) {
    this.log = log;
  }

  /** The last segment was damaged: some streams may have gone on further than it says. */
  void uncertain(SegmentScan scan) {
    long lost = scan.bad.stream().mapToLong(SegmentScan.Bad::length).sum();
    for (int id : scan.uncertain) {
      Lane lane = scan.index.lanes.get(id);
      if (lane != null && !lane.dropped) {
        uncertain.put(lane.name, Math.max(1, lost));
      }
    }
  }

  /** What a segment had that is not there any more. */
  void remember(SegmentIndex index) {
    told.add(index);
  }

  void run() {
    log.maxEpoch = Math.max(log.maxEpoch, log.id.epoch() - 1);
    for (Segment segment : log.segments.values()) {
      SegmentHeader header = segment.header;
      if (header != null) {
        log.maxEpoch = Math.max(log.maxEpoch, header.maxEpoch());
        log.oldest = Math.max(log.oldest, header.oldest());
      }
      take(segment.index, segment);
    }
    for (SegmentIndex index : told) {
      take(index, null);
    }
    raise();
    missing();
    log.forced = log.lastOrder;
    for (JournalStream stream : log.streams.values()) {
      stream.findFloor();
      stream.recovered();
    }
  }

  private void take(SegmentIndex index, @Nullable Segment segment) {
    log.lastOrder = Math.max(log.lastOrder, index.lastOrder);
    for (Lane lane : index.lanes.values()) {
      log.maxEpoch = Math.max(log.maxEpoch, lane.epoch);
      JournalStream stream = log.streams.get(lane.name);
      if (lane.dropped) {
        if (stream != null && stream.born <= lane.born) {
          log.streams.remove(lane.name);
        }
        continue;
      }
      if (stream == null || stream.born < lane.born) {
        stream = new JournalStream(log, lane.name, lane.born, lane.options);
        log.streams.put(lane.name, stream);
      } else if (stream.born > lane.born) {
        continue;
      }
      stream.options = lane.options;
      stream.epoch = Math.max(stream.epoch, lane.epoch);
      stream.next = Math.max(stream.next, lane.next);
      stream.gone = Math.max(stream.gone, lane.gone);
      stream.floor = Math.max(stream.floor, lane.floor);
      if (segment != null && lane.any()) {
        stream.spans.add(new JournalStream.Span(segment, lane));
        stream.spanBytes += lane.bytes;
      }
      for (SegmentIndex.GoneIn gap : index.gaps) {
        if (gap.stream() == lane.id) {
          stream.gaps.add(gap.gone());
        }
      }
    }
    index.cursors.forEach((name, value) -> {
      var before = log.cursors.get(name);
      if (before == null || before.counter() <= value.counter()) {
        log.cursors.put(name, value);
      }
    });
  }

  /** Numbers that may have been given are not given again. */
  private void raise() {
    if (uncertain.isEmpty()) {
      return;
    }
    long epoch = log.newEpoch();
    uncertain.forEach((name, lost) -> {
      JournalStream stream = log.streams.get(name);
      if (stream != null) {
        stream.epoch = epoch;
        Gone gap = new Gone(stream.next, stream.next + lost, Gone.DAMAGED);
        stream.goneFrom(gap.from(), gap.to(), gap.cause());
        stream.unwritten = gap;
        stream.next += lost;
      }
    });
  }

  private void missing() {
    if (log.segments.isEmpty()) {
      return;
    }
    long expected = Math.max(1, log.oldest);
    for (Segment segment : log.segments.tailMap(expected).values()) {
      if (segment.number > expected) {
        log.damages.found(
            Segment.name(expected),
            0,
            "expected segments "
                + expected
                + " to "
                + (segment.number - 1)
                + ", they are missing; their rows are gone");
      }
      expected = segment.number + 1;
    }
  }
}
