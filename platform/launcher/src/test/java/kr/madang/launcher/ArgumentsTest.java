package kr.madang.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ArgumentsTest {
  @Test
  void valuesStandBehindABlankOrAnEqualsSign() {
    Arguments got = Arguments.read(Serve.VERB, List.of("--home", "a b", "--port=0", "--insecure"));
    assertThat(got.option("home")).contains("a b");
    assertThat(got.settings()).isEqualTo(Map.of("port", "0", "insecure", "true"));
  }

  @Test
  void theHomeMayComeFromTheEnvironment() {
    Arguments none = Arguments.read(Serve.VERB, List.of());
    assertThat(none.home(Map.of("MADANG_HOME", "/x"))).contains(Path.of("/x"));
    Arguments one = Arguments.read(Serve.VERB, List.of("--home", "/y"));
    assertThat(one.home(Map.of("MADANG_HOME", "/x"))).contains(Path.of("/y"));
    assertThat(none.home(Map.of())).isEmpty();
  }

  @Test
  void whatIsWrongIsNamed() {
    refused(List.of("--hom", "x"), "--hom");
    refused(List.of("--port"), "needs a value");
    refused(List.of("--insecure=no"), "takes no value");
    refused(List.of("--port", "1", "--port", "2"), "twice");
    refused(List.of("file.yaml"), "file.yaml");
    assertThatThrownBy(() -> Arguments.read(Run.VERB, List.of()))
        .hasMessageContaining("PIPELINE.yaml");
  }

  @Test
  void aVerbMayTakeSeveralWordsAndAnyNumberOfThem() {
    assertThat(Arguments.read(Letters.SHOW, List.of("line", "a:1", "--workspace", "w")).files())
        .containsExactly("line", "a:1");
    assertThat(Arguments.read(Letters.REPLAY, List.of("line", "--all")).files())
        .containsExactly("line");
    assertThat(Arguments.read(Letters.REPLAY, List.of("line", "1", "2", "3")).files()).hasSize(4);
    assertThatThrownBy(() -> Arguments.read(Letters.SHOW, List.of("line")))
        .hasMessageContaining("PIPELINE ID");
    assertThatThrownBy(() -> Arguments.read(Letters.REPLAY, List.of()))
        .hasMessageContaining("PIPELINE");
  }

  @Test
  void onlyKeysOfTheConfigurationAreSettings() {
    Arguments got =
        Arguments.read(
            Serve.VERB, List.of("--safe", "--home", "x", "--journal.bytes", "1GiB", "--port", "1"));
    assertThat(got.settings()).isEqualTo(Map.of("journal.bytes", "1GiB", "port", "1"));
  }

  private static void refused(List<String> arguments, String what) {
    assertThatThrownBy(() -> Arguments.read(Serve.VERB, arguments)).hasMessageContaining(what);
  }
}
