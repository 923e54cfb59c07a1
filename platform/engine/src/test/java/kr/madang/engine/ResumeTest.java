package kr.madang.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import kr.madang.engine.Graph.SourceNode;
import kr.madang.engine.Plant.Collected;
import kr.madang.journal.Entry;
import kr.madang.journal.Journal;
import kr.madang.journal.JournalStream;
import kr.madang.journal.Logged;
import kr.madang.journal.StreamOptions;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.SampleEmitter;
import kr.madang.sdk.source.SubscribedSource;
import kr.madang.sdk.testkit.Await;
import kr.madang.sdk.testkit.ManualClock;
import kr.madang.sdk.testkit.TestAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Where sources go on. */
class ResumeTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path state;

  private final Collected collected = new Collected();

  private static Graph graph(SourceNode<String> source, Plant.OpenSink sink) {
    return new Graph(
        "default",
        "test",
        Plant.FAST,
        Durability.Journaled.DEFAULT,
        List.of(source),
        List.of(),
        List.of(Plant.sink("sink", "source", sink)));
  }

  private Graph count(int rows) {
    return graph(
        Plant.source(
            Optional.of(Plant.SCHEMA),
            List.of(),
            context -> new Plant.Counter(context, rows, 1, new ArrayList<>())),
        collected::open);
  }

  @Test
  void aSourceGoesOnWhereItStoodAlsoWhenItsRowsHaveLeftTheJournal() throws Exception {
    Engine engine = Plant.engine(arrow.get(), state);
    engine.start(count(10)).ended().get(20, TimeUnit.SECONDS);
    JournalStream rows = flood();
    assertThat(rows.status().first()).isEqualTo(10);
    engine.start(count(15)).ended().get(20, TimeUnit.SECONDS);
    assertThat(collected.values)
        .containsExactlyElementsOf(IntStream.range(0, 15).mapToObj(i -> (double) i).toList());
  }

  /** Others write, and checkpoints go on, until the rows of the source are gone. */
  private JournalStream flood() throws Exception {
    Journal journal = Plant.journals(state).of("default");
    JournalStream rows = journal.find("test/source").orElseThrow();
    JournalStream states = journal.find("test!state").orElseThrow();
    JournalStream other = journal.stream("other", StreamOptions.DEFAULT);
    Logged.Note last = (Logged.Note) journal.latest(states, 0, arrow.get()).orElseThrow();
    Await.until(
        "the rows have left the journal",
        () -> {
          journal.append(List.of(Entry.note(other, new byte[1 << 20])), Duration.ofSeconds(10));
          long order =
              journal
                  .append(List.of(Entry.note(states, last.meta())), Duration.ofSeconds(10))
                  .order();
          journal.awaitForced(order, Duration.ofSeconds(10));
          journal.streams().stream()
              .filter(stream -> stream != states)
              .forEach(stream -> stream.release(stream.next() + 1));
          states.release(states.next() - 1);
          return rows.status().first() == rows.next();
        });
    return rows;
  }

  @Test
  void aSourceThatTellsHearsUpToWhenItHadRows() throws Exception {
    List<Optional<Instant>> latest = Collections.synchronizedList(new ArrayList<>());
    Instant time = new ManualClock().instant().minusSeconds(5);
    SourceNode<String> source =
        Plant.source(
            Optional.empty(),
            List.of("a"),
            context -> {
              latest.add(context.latest());
              assertThat(context.position()).isEmpty();
              return new SubscribedSource() {
                @Override
                public void run(SampleEmitter out) throws Exception {
                  out.emit(
                      1, rows -> rows.put("a", 1, Quality.GOOD, time.toEpochMilli() * 1_000_000));
                  if (latest.size() == 1) {
                    throw new PluginException(ErrorCode.UNREACHABLE, "gone");
                  }
                  out.awaitStop();
                }
              };
            });
    Engine engine = Plant.engine(arrow.get(), state);
    Pipeline pipeline = engine.start(graph(source, _ -> _ -> {}));
    Await.until("the source was opened again", () -> latest.size() == 2);
    pipeline.stop(Duration.ofSeconds(10));
    pipeline.ended().get(20, TimeUnit.SECONDS);
    Pipeline again = engine.start(graph(source, _ -> _ -> {}));
    Await.until("the source was opened after a restart", () -> latest.size() == 3);
    again.stop(Duration.ofSeconds(10));
    again.ended().get(20, TimeUnit.SECONDS);
    assertThat(latest).containsExactly(Optional.empty(), Optional.of(time), Optional.of(time));
  }
}
