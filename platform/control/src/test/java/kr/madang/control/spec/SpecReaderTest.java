package kr.madang.control.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.time.Duration;
import kr.madang.control.config.Binder;
import kr.madang.control.config.Documents;
import kr.madang.control.config.Secrets;
import kr.madang.control.spec.PipelineSpec.Usual;
import kr.madang.control.spec.StageSpec.Kind;
import kr.madang.engine.Durability;
import kr.madang.engine.Graph;
import kr.madang.journal.Full;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SpecReaderTest {
  private static final Path BASE = Path.of("/base");

  private static PipelineSpec read(String yaml) {
    return read(yaml, new Usual(0, false));
  }

  private static PipelineSpec served(String yaml) {
    return read(yaml, Usual.SERVED);
  }

  private static PipelineSpec read(String yaml, Usual usual) {
    return SpecReader.read(Documents.yaml(yaml), new Binder(BASE, new Secrets(BASE)), usual);
  }

  @Test
  void aPipelineIsReadWithNamesAndWiring() {
    PipelineSpec spec =
        read(
            """
            pipeline: pump-anomaly
            description: Pump 1
            limits: { memory: 64MiB, queue: 4, timeout: 2s }
            durability: none
            source: { use: modbus@^1/modbus, config: { host: plc } }
            steps:
              - align: { every: 100ms }
              - align: { every: 1s }
                from: source
              - model: { use: pump-autoencoder@^1, keep: [time] }
                name: score
              - my-plugin@^1/rms: { field: a }
            sinks:
              - { use: files, config: { path: out/ } }
              - { use: files, from: [score, align-2], name: raw }
            """);
    assertThat(spec.limits().memory()).isEqualTo(64 << 20);
    assertThat(spec.limits().timeout()).isEqualTo(Duration.ofSeconds(2));
    assertThat(spec.stages())
        .extracting(StageSpec::name)
        .containsExactly("source", "align", "align-2", "score", "rms", "files", "raw");
    assertThat(spec.stages().get(1).from()).containsExactly("source");
    assertThat(spec.stages().get(2).from()).containsExactly("source");
    assertThat(spec.stages().get(3).from()).containsExactly("align-2");
    assertThat(spec.stages().get(3).kind()).isEqualTo(Kind.MODEL);
    assertThat(spec.stages().get(4).use().plugin()).contains("my-plugin");
    assertThat(spec.stages().get(4).use().range()).contains("^1");
    assertThat(spec.stages().get(5).from()).containsExactly("rms");
    assertThat(spec.stages().get(6).from()).containsExactly("score", "align-2");
  }

  @Test
  void severalSourcesAreNamed() {
    PipelineSpec spec =
        read(
            """
            pipeline: p
            sources: { line: simulator, lab: { use: files } }
            steps: [ { align: {}, from: [line, lab] } ]
            sinks: [ files ]
            """);
    assertThat(spec.sources()).extracting(StageSpec::name).containsExactly("line", "lab");
    assertThat(spec.sinks().getFirst().from()).containsExactly("align");
  }

  @Test
  void whatAnAcceptedRowOutlivesIsSaidByTheDocumentOrElseByTheCaller() {
    String plain = "pipeline: p\nsource: a\nsinks: [a]\n";
    assertThat(read(plain).durability()).isEqualTo(new Durability.None());
    assertThat(served(plain).durability()).isEqualTo(Durability.Journaled.DEFAULT);
    assertThat(served(plain + "durability: none").durability()).isEqualTo(new Durability.None());
    PipelineSpec spec =
        read(
            """
            pipeline: p
            durability: journal
            journal: { full: dropOldest, size: 2GiB, keep: 7d }
            source: a
            sinks:
              - a
              - { use: b, catchUp: liveFirst, drainRate: 50000 }
            """);
    assertThat(spec.durability())
        .isEqualTo(new Durability.Journaled(Full.DROP_OLDEST, 2L << 30, Duration.ofDays(7)));
    assertThat(spec.sinks())
        .extracting(StageSpec::delivery)
        .containsExactly(Graph.Delivery.IN_ORDER, new Graph.Delivery(true, 50_000));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'pipeline: p\nsourc: x\nsinks: [a]'                                | line 2, column 1: unknown key 'sourc'; did you mean 'source'?
          'pipeline: p\nsinks: [a]'                                          | key 'source' is missing
          'pipeline: p\nsource: a'                                           | key 'sinks' is missing (Where data goes out)
          'pipeline: p\nsource: a\nsinks: []'                                | sinks: expected at least one sink, got none
          'pipeline: P 1\nsource: a\nsinks: [a]'                             | pipeline: expected a name of at most 63 characters
          'pipeline: p\nsource: a\nsources: {b: a}\nsinks: [a]'              | say either source or sources, not both
          'pipeline: p\nsources: {b: a, c: a}\nsinks: [a]'                   | key 'from' is missing: there are several sources, b, c
          'pipeline: p\nsource: a\nsinks: [{use: a, from: sorce}]'           | sinks[0].from: expected a source or step of the pipeline, got 'sorce'; did you mean 'source'?
          'pipeline: p\nsource: a\nsteps: [{where: x, from: later}]\nsinks: [a]' | steps[0].from: expected a source or step above this one, got 'later'
          'pipeline: p\nsource: a\nsteps: [{where: x, derive: y}]\nsinks: [a]'   | steps[0]: expected one step as `step: config`, beside it name and from, got the keys where, derive
          'pipeline: p\nsource: a\nsteps: [{where: x, name: source}]\nsinks: [a]' | two stages are named 'source'
          'pipeline: p\nsource: a\nsteps: [{model: {keep: [a]}}]\nsinks: [a]'     | steps[0].model.use: expected a model as name, name@1.2.0 or name@^1, got nothing
          'pipeline: p\nsource: A/b/c\nsinks: [a]'                           | source.use: expected plugin-id@range/stage or the name of a stage, got 'A/b/c'
          'pipeline: p\ndurability: disk\nsource: a\nsinks: [a]'             | line 2, column 13: durability: expected one of journal, none, got 'disk'
          'pipeline: p\ndurability: none\njournal: {}\nsource: a\nsinks: [a]' | line 3, column 10: journal: needs a journal, and durability is none: say durability: journal, or leave this out
          'pipeline: p\njournal: {}\nsource: a\nsinks: [a]'                | journal: needs a journal, and durability is none, as it is here where the document does not say
          'pipeline: p\ndurability: journal\njournal: {full: drop}\nsource: a\nsinks: [a]' | journal.full: expected one of block, dropOldest, dropNewest, got 'drop'
          'pipeline: p\ndurability: journal\njournal: {size: 1}\nsource: a\nsinks: [a]' | journal.size: expected a number of bytes
          'pipeline: p\nsource: a\nsinks: [{use: a, catchUp: liveFirst}]'   | sinks[0].catchUp: needs a journal
          'pipeline: p\nsource: a\nsinks: [{use: a, drainRate: 5}]'         | sinks[0].drainRate: needs a journal
          'pipeline: p\nsource: a\nsinks: [{use: a, catchUp: newest}]'      | sinks[0].catchUp: expected one of inOrder, liveFirst, got 'newest'
          'pipeline: p\nsource: a\nsinks: [{use: a, drainRate: -1}]'        | sinks[0].drainRate: expected an integer
          'pipeline: p\nlimits: {memory: 1}\nsource: a\nsinks: [a]'          | limits.memory: expected a number of bytes
          'pipeline: p\nlimits: {retryMin: 2m}\nsource: a\nsinks: [a]'       | limits: retryMin must not be longer than retryMax
          '[1]'                                                              | expected a pipeline document, got a list
          """)
  void whatIsWrongIsNamedWithItsPlace(String yaml, String message) {
    assertThatThrownBy(() -> read(yaml)).hasMessageContaining(message);
  }
}
