package kr.madang.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import kr.madang.engine.PipelineStatus.State;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.testkit.ManualClock;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class TagBookTest {
  private static final long SECOND = 1_000_000_000L;
  private static final int OVERFLOWED = Quality.GOOD | 0x0480;

  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  private final TagBook book = new TagBook("line");

  private void note(SampleWriter writer) {
    try (Batch batch = writer.take()) {
      book.note(batch);
    }
  }

  @Test
  void aTagIsAsItsLatestSampleWasAndItsFaultsAreRemembered() {
    book.declare("a");
    book.declare("silent");
    try (SampleWriter writer = new SampleWriter(arrow.get())) {
      writer.receivedAt(10 * SECOND);
      writer.put(writer.tag("a"), 1, Quality.GOOD, 9 * SECOND);
      writer.bad(writer.tag("a"), Quality.BAD_NO_COMMUNICATION, SampleWriter.NO_TIME);
      note(writer);
      writer.receivedAt(20 * SECOND);
      writer.put(writer.tag("b"), 1, Quality.UNCERTAIN, 18 * SECOND);
      writer.put(writer.tag("a"), 2, OVERFLOWED, 19 * SECOND);
      note(writer);
    }
    SourceTags tags = book.snapshot(Instant.ofEpochSecond(30));
    assertThat(tags.tags()).extracting(SourceTags.Tag::name).containsExactly("a", "silent", "b");
    SourceTags.Tag a = tags.tags().get(0);
    assertThat(Quality.isGood(a.status())).isTrue();
    assertThat(a.sourceTime()).contains(Instant.ofEpochSecond(19));
    assertThat(a.receiveTime()).contains(Instant.ofEpochSecond(20));
    assertThat(a.age()).contains(Duration.ofSeconds(11));
    assertThat(a.good()).isEqualTo(2);
    assertThat(a.bad()).isOne();
    assertThat(a.overflows()).isOne();
    assertThat(a.fault()).isEqualTo(Quality.BAD_NO_COMMUNICATION);
    assertThat(a.faultAt()).contains(Instant.ofEpochSecond(10));
    SourceTags.Tag silent = tags.tags().get(1);
    assertThat(silent.status()).isEqualTo(Quality.BAD_WAITING_FOR_INITIAL_DATA);
    assertThat(silent.age()).isEmpty();
    assertThat(tags.tags().get(2).uncertain()).isOne();
  }

  @Test
  void tagsWithoutEndAreCountedButNotKept() {
    try (SampleWriter writer = new SampleWriter(arrow.get())) {
      for (int i = 0; i < TagBook.MOST + 7; i++) {
        writer.put("t" + i, i);
      }
      note(writer);
    }
    SourceTags tags = book.snapshot(Instant.EPOCH);
    assertThat(tags.tags()).hasSize(TagBook.MOST);
    assertThat(tags.others()).isEqualTo(7);
  }

  @Test
  void aStageKeepsItsLatestStatesWithTheirCauses() {
    ManualClock clock = new ManualClock();
    StageState state = new StageState("line", "source", clock);
    var away = new PluginException(ErrorCode.UNREACHABLE, "10.0.0.7:502 refused");
    state.set(State.RUNNING);
    clock.advance(Duration.ofSeconds(5));
    state.retrying(away, 1);
    clock.advance(Duration.ofSeconds(1));
    state.retrying(away, 2);
    state.set(State.RUNNING);
    assertThat(state.snapshot().history())
        .extracting(turn -> turn.state() + " " + turn.code() + " " + turn.times())
        .containsExactly("OPENING  1", "RUNNING  1", "RETRYING UNREACHABLE 2", "RUNNING  1");
    assertThat(state.snapshot().history().get(2).at()).isEqualTo(clock.instant().minusSeconds(1));
    for (int i = 0; i < 50; i++) {
      state.retrying(away, 1);
      state.set(State.RUNNING);
    }
    assertThat(state.snapshot().history()).hasSize(20);
  }
}
