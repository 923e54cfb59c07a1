package kr.madang.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.batch.Samples;
import org.jspecify.annotations.Nullable;

/** How each tag of a source is. Written once a batch by who brings it on the way, read by any. */
final class TagBook {
  static final int MOST = 10_000;
  private static final long SECOND = 1_000_000_000L;

  /** InfoType DataValue and the overflow bit (OPC 10000-4 §7.39.1). */
  private static final int OVERFLOW = 0x0480;

  private static final class Page {
    final String name;
    int status = Quality.BAD_WAITING_FOR_INITIAL_DATA;
    long sourceTime = SampleWriter.NO_TIME;
    long receiveTime = SampleWriter.NO_TIME;
    long good;
    long uncertain;
    long bad;
    long overflows;
    int fault;
    long faultAt = SampleWriter.NO_TIME;

    Page(String name) {
      this.name = name;
    }
  }

  private final String source;
  private final Map<String, Page> pages = new HashMap<>();
  private final List<Page> inOrder = new ArrayList<>();
  private long others;

  /** Pages by the tag numbers of the batches that have this identity. */
  private @Nullable Object identity;

  private @Nullable Page[] byNumber = {};

  TagBook(String source) {
    this.source = source;
  }

  synchronized void declare(String tag) {
    page(tag);
  }

  @SuppressWarnings("ReferenceEquality") // identity is what is asked for
  synchronized void note(Batch batch) {
    if (!Samples.matches(batch.schema())) {
      return;
    }
    Samples samples = Samples.of(batch);
    if (samples.tagsIdentity() != identity) {
      identity = samples.tagsIdentity();
      byNumber = new Page[samples.tagCount()];
      for (int i = 0; i < byNumber.length; i++) {
        byNumber[i] = page(samples.tagName(i));
      }
    }
    int rows = samples.rows();
    for (int row = 0; row < rows; row++) {
      Page page = byNumber[samples.tag(row)];
      if (page == null) {
        others++;
        continue;
      }
      int status = samples.status(row);
      page.status = status;
      page.receiveTime = samples.receiveTime(row);
      page.sourceTime = samples.hasSourceTime(row) ? samples.time(row) : SampleWriter.NO_TIME;
      if ((status & OVERFLOW) == OVERFLOW) {
        page.overflows++;
      }
      if (Quality.isGood(status)) {
        page.good++;
        continue;
      }
      page.fault = status;
      page.faultAt = page.receiveTime;
      if (Quality.isUncertain(status)) {
        page.uncertain++;
      } else {
        page.bad++;
      }
    }
  }

  private @Nullable Page page(String tag) {
    Page known = pages.get(tag);
    if (known == null && inOrder.size() < MOST) {
      known = new Page(tag);
      pages.put(tag, known);
      inOrder.add(known);
    }
    return known;
  }

  synchronized SourceTags snapshot(Instant now) {
    List<SourceTags.Tag> tags = new ArrayList<>(inOrder.size());
    for (Page page : inOrder) {
      Optional<Instant> sourceTime = instant(page.sourceTime);
      Optional<Instant> receiveTime = instant(page.receiveTime);
      tags.add(
          new SourceTags.Tag(
              page.name,
              page.status,
              sourceTime,
              receiveTime,
              sourceTime.or(() -> receiveTime).map(time -> Duration.between(time, now)),
              page.good,
              page.uncertain,
              page.bad,
              page.overflows,
              page.fault,
              instant(page.faultAt)));
    }
    return new SourceTags(source, tags, others);
  }

  private static Optional<Instant> instant(long nanos) {
    return nanos == SampleWriter.NO_TIME
        ? Optional.empty()
        : Optional.of(
            Instant.ofEpochSecond(Math.floorDiv(nanos, SECOND), Math.floorMod(nanos, SECOND)));
  }
}
