package kr.madang.control.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import kr.madang.control.config.Node.Mapping;
import kr.madang.control.config.Node.Scalar;
import kr.madang.control.config.Node.Sequence;
import kr.madang.control.config.Node.Type;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentsTest {
  private static final String YAML =
      """
      name: pump
      list:
        - 1
        - two
      inner: { yes: true, none: }
      """;

  @Test
  void everyNodeKnowsItsLineAndColumn() {
    Mapping root = (Mapping) Documents.yaml(YAML);
    assertThat(root.get("name")).isEqualTo(new Scalar(new Place(1, 7), "pump", Type.TEXT));
    Sequence list = (Sequence) root.get("list");
    assertThat(list.items().get(1)).isEqualTo(new Scalar(new Place(4, 5), "two", Type.TEXT));
    assertThat(root.entries().get("inner").place()).isEqualTo(new Place(5, 1));
    Mapping inner = (Mapping) root.get("inner");
    assertThat(inner.entries()).containsOnlyKeys("yes", "none");
    assertThat(Node.isNothing(inner.get("none"))).isTrue();
  }

  @Test
  void jsonIsReadTheSameWay() {
    Mapping root = (Mapping) Documents.json("{\"a\": [1, \"1\"],\n \"b\": false}");
    assertThat(((Sequence) root.get("a")).items())
        .containsExactly(
            new Scalar(new Place(1, 8), "1", Type.NUMBER),
            new Scalar(new Place(1, 11), "1", Type.TEXT));
    assertThat(root.get("b")).isEqualTo(new Scalar(new Place(2, 7), "false", Type.BOOLEAN));
  }

  @ParameterizedTest
  @ValueSource(strings = {"1.10", "0123", "1e5", "-7", "1_000"})
  void aNumberKeepsItsText(String text) {
    assertThat(((Scalar) Documents.yaml(text)).text()).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          'a: 1\na: 2'            | line 2, column 1: key 'a' stands twice, first in line 1
          'a: &x 1\nb: *x'        | line 2, column 4: alias *x cannot be used; write the value out instead
          'a: !!int 1'            | tag tag:yaml.org,2002:int cannot be used; leave it out
          'a: 1\n---\nb: 2'       | something follows the end of the document
          ''                      | the document is empty
          'a: [1, 2'              | this is not YAML
          'a: "x'                 | this is not YAML
          """)
  void whatNobodyShouldWriteIsRefused(String text, String message) {
    assertThatThrownBy(() -> Documents.yaml(text))
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID))
        .hasMessageContaining(message);
  }

  @Test
  void jsonWithDoubledKeysOrATailIsRefused() {
    assertThatThrownBy(() -> Documents.json("{\"a\":1,\"a\":2}")).hasMessageContaining("twice");
    assertThatThrownBy(() -> Documents.json("{} {}")).hasMessageContaining("follows the end");
    assertThatThrownBy(() -> Documents.json("{\"a\":")).hasMessageContaining("this is not JSON");
    assertThatThrownBy(() -> Documents.json("{'a':1}")).hasMessageContaining("this is not JSON");
  }

  @ParameterizedTest
  @ValueSource(ints = {66, 1000, 100_000})
  void aDocumentThatIsTooDeepIsACleanError(int depth) {
    assertThatThrownBy(() -> Documents.json("[".repeat(depth) + "]".repeat(depth)))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("nested deeper than 64 levels");
    assertThatThrownBy(() -> Documents.yaml("[".repeat(depth) + "]".repeat(depth)))
        .isInstanceOf(PluginException.class)
        .hasMessageContaining("64");
    assertThatThrownBy(() -> Documents.yaml("{a: ".repeat(depth) + "}".repeat(depth)))
        .isInstanceOf(PluginException.class);
  }

  @Test
  void anAliasBombIsRefusedBeforeItGrows() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x]\n");
    for (int i = 1; i < 40; i++) {
      bomb.append("a%d: &a%d [*a%d, *a%d]\n".formatted(i, i, i - 1, i - 1));
    }
    assertThatThrownBy(() -> Documents.yaml(bomb.toString())).hasMessageContaining("alias *a0");
  }

  @Test
  void aDocumentThatIsTooLongIsRefused() {
    assertThatThrownBy(() -> Documents.json("\"" + "x".repeat(5 << 20) + "\""))
        .hasMessageContaining("characters");
    assertThatThrownBy(() -> Documents.json("[" + "9".repeat(1000) + "]"))
        .isInstanceOf(PluginException.class);
  }
}
