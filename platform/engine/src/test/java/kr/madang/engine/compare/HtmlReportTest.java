package kr.madang.engine.compare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import kr.madang.engine.compare.ResultSummary.StageTime;
import kr.madang.sdk.batch.FrameWriter;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.testkit.TestAllocator;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.apache.arrow.vector.types.pojo.Field;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

class HtmlReportTest {
  private static final String EVIL =
      "</title></style><script>alert(1)</script><img src=x onerror=alert(1)>\"'&lt;\u202E\u0000{{x}}";

  @RegisterExtension final TestAllocator arrow = new TestAllocator();
  @TempDir Path folder;

  /** Two results that differ in every way, with a text wherever one can stand. */
  private Comparison everything(String text) throws IOException {
    List<Field> fields =
        List.of(
            Frames.field(text, Frames.DOUBLE, text, text),
            Frames.field("state", ArrowType.Utf8.INSTANCE, "", ""),
            Frames.field("same", Frames.DOUBLE, "", ""));
    Results a = new Results(folder.resolve("a"), arrow.get());
    Results b = new Results(folder.resolve("b"), arrow.get());
    a.frames("scores", fields, rows -> fill(rows, 0, text));
    List<Field> more = new ArrayList<>(fields);
    more.add(Frames.field("only " + text, Frames.DOUBLE, "", ""));
    b.frames("scores", more, rows -> fill(rows, 1, text));
    a.numbers("one-sided", 1.0);
    Files.writeString(a.folder().file("broken"), "no Arrow");
    Files.writeString(b.folder().file("broken"), "no Arrow");
    CompareOptions options =
        new CompareOptions(
            new Tolerance(0.1, 0), Map.of(text, Tolerance.NONE), "time", 20, 40, 600);
    return new Comparer(arrow.get())
        .compare(a.folder(summary(text, 1)), b.folder(summary(text, 2)), options);
  }

  private static ResultSummary summary(String text, int by) {
    return new ResultSummary(
        text,
        text,
        text,
        1_000,
        Results.START,
        Results.START.plusSeconds(by),
        5_000_000L * by,
        List.of(new StageTime(text, 3_000_000L * by, 2_000_000L * by)),
        Map.of(text, 1L),
        Map.of(text, 1L));
  }

  private static void fill(Results.Rows rows, int side, String text) {
    for (int i = 0; i < 300; i++) {
      if (side == 1 && i > 100 && i < 120) {
        continue;
      }
      FrameWriter row = rows.at(i);
      if (side == 1 && i == 50) {
        row.missing(0, Quality.BAD_TIMEOUT);
      } else {
        row.set(0, Math.sin(i) + (i > 200 ? side : 0), Quality.GOOD);
      }
      row.setText(1, i % 7 == side ? text + side : text, Quality.GOOD);
      row.set(2, i, Quality.GOOD);
    }
  }

  private static String page(Comparison comparison) throws IOException {
    StringBuilder page = new StringBuilder();
    HtmlReport.write(comparison, page);
    return page.toString();
  }

  private static Document parse(String page) {
    try {
      return DocumentBuilderFactory.newInstance()
          .newDocumentBuilder()
          .parse(new InputSource(new StringReader(page)));
    } catch (Exception e) {
      throw new AssertionError("not well-formed: " + e.getMessage(), e);
    }
  }

  private static List<Element> elements(Document document) {
    NodeList all = document.getElementsByTagName("*");
    return IntStream.range(0, all.getLength()).mapToObj(i -> (Element) all.item(i)).toList();
  }

  private static Set<String> vocabulary(Document document) {
    Set<String> words = new TreeSet<>();
    for (Element element : elements(document)) {
      for (int i = 0; i < element.getAttributes().getLength(); i++) {
        words.add(element.getTagName() + " " + element.getAttributes().item(i).getNodeName());
      }
      words.add(element.getTagName());
    }
    return words;
  }

  @Test
  void namesFromDataAddNoTagNorAttributeToThePage() throws IOException {
    Set<String> harmless = vocabulary(parse(page(everything("plain"))));
    Document document = parse(page(everything(EVIL)));

    assertThat(vocabulary(document)).isEqualTo(harmless);
    assertThat(harmless)
        .doesNotContain("script", "img", "a onclick", "iframe", "object", "form", "link");
    String shown = document.getDocumentElement().getTextContent();
    assertThat(shown).contains("<script>alert(1)</script>");
    assertThat(shown).doesNotContain("\u202E").contains("\uFFFD");
  }

  @Test
  void noRandomTextBreaksThePage() throws IOException {
    Random random = new Random(7);
    Set<String> harmless = vocabulary(parse(page(everything("plain"))));
    String alphabet = "<>\"'&;#/=!-[]{}%\\ \n\t\u0001\u007F\u200B\u202A\u2066\uFEFF\uFFFEx";
    for (int round = 0; round < 8; round++) {
      StringBuilder text = new StringBuilder("n");
      for (int i = 0; i < 40; i++) {
        text.append(alphabet.charAt(random.nextInt(alphabet.length())));
      }
      assertThat(vocabulary(parse(page(everything(text.toString()))))).isEqualTo(harmless);
    }
  }

  @Test
  void halvesOfCharactersAreReplacedAndWholeOnesKept() {
    assertThat(new Html().text("a\uD800b\uDC00c\uD83D\uDE00").page())
        .isEqualTo("a\uFFFDb\uFFFDc\uD83D\uDE00");
  }

  @Test
  void thePageLoadsNothing() throws IOException {
    Document document = parse(page(everything("plain")));

    for (Element element : elements(document)) {
      for (String attribute : new String[] {"src", "href", "style", "data", "action"}) {
        String value = element.getAttribute(attribute);
        assertThat(value.isEmpty() || value.startsWith("#")).as(value).isTrue();
      }
    }
    assertThat(ReportStyle.CSS).doesNotContain("url(", "@import", "http");
  }

  @Test
  void thePolicyAllowsTheStyleOfThePageAndNothingElse() throws Exception {
    Document document = parse(page(everything("plain")));
    String style = document.getElementsByTagName("style").item(0).getTextContent();
    byte[] digest =
        MessageDigest.getInstance("SHA-256").digest(style.getBytes(StandardCharsets.UTF_8));
    String allowed = "'sha256-" + Base64.getEncoder().encodeToString(digest) + "'";

    assertThat(HtmlReport.contentSecurityPolicy())
        .startsWith("default-src 'none'; style-src " + allowed + ";");
    Element meta = (Element) document.getElementsByTagName("meta").item(1);
    assertThat(meta.getAttribute("content")).isEqualTo("default-src 'none'; style-src " + allowed);
  }

  @Test
  void theVerdictComesFirstAndEverySectionFollows() throws IOException {
    Comparison comparison = everything("plain");
    String page = page(comparison);

    assertThat(page.indexOf("<h1>" + comparison.verdict() + "</h1>"))
        .isPositive()
        .isLessThan(page.indexOf("<table"));
    assertThat(page)
        .containsSubsequence(
            "Sinks and columns",
            "Column by column",
            "Latency and cost",
            "Rows that only one result has",
            "What was compared");
    assertThat(page)
        .contains("only in A", "not compared", "Bad_Timeout", "Greatest differences", "2 ×");
    assertThat(parse(page).getElementsByTagName("path").getLength()).isGreaterThan(10);
  }

  @Test
  void theSameComparisonGivesTheSamePageAlsoInAFile() throws IOException {
    Comparison comparison = everything("plain");
    Path file = folder.resolve("report.html");
    Files.writeString(file, "old");

    HtmlReport.write(comparison, file);

    assertThat(file).hasContent(page(comparison));
    assertThat(page(everything("plain"))).isEqualTo(page(comparison));
    assertThat(folder.resolve("report.html.part")).doesNotExist();
  }

  @Test
  void emptyResultsHaveAPageToo() throws IOException {
    Results a = new Results(folder.resolve("a"), arrow.get());
    Results b = new Results(folder.resolve("b"), arrow.get());
    Comparison nothing =
        new Comparer(arrow.get()).compare(a.folder(), b.folder(), CompareOptions.DEFAULT);
    Comparison empty =
        new Comparer(arrow.get())
            .compare(
                a.numbers("scores").folder(),
                b.numbers("scores", Double.NaN).folder(),
                CompareOptions.DEFAULT);

    parse(page(nothing));
    parse(page(empty));
    assertThat(page(nothing)).contains("there is nothing to compare");
  }

  @Test
  void oddNumbersAndTimesBreakNoChart() throws IOException {
    double[] odd = {
      1e308, -1e308, 5e-324, 0, -0.0, 1e-300, 1e15, 1e15 + 0.125, 123456.789, Double.MIN_NORMAL
    };
    for (int i = 0; i < odd.length; i++) {
      for (int j = 0; j <= i; j++) {
        double one = odd[i];
        double two = odd[j];
        Results a = new Results(folder.resolve("a"), arrow.get());
        Results b = new Results(folder.resolve("b"), arrow.get());
        Comparison comparison =
            new Comparer(arrow.get())
                .compare(
                    a.numbers("scores", one, two, null, one).folder(),
                    b.numbers("scores", two, two, one, null).folder(),
                    CompareOptions.DEFAULT);
        String page = page(comparison);
        parse(page);
        assertThat(page).doesNotContain("NaN", "Infinity");
      }
    }
  }

  @Test
  void aThousandColumnsGiveAPageOfAFewMegabytes() throws IOException {
    List<Field> fields =
        IntStream.range(0, 1_050)
            .mapToObj(i -> Frames.field("c" + i, Frames.DOUBLE, "", ""))
            .toList();
    Results a = new Results(folder.resolve("a"), arrow.get());
    Results b = new Results(folder.resolve("b"), arrow.get());
    a.frames("scores", fields, rows -> wide(rows, fields.size(), 0));
    b.frames("scores", fields, rows -> wide(rows, fields.size(), 1));

    Comparison comparison =
        new Comparer(arrow.get()).compare(a.folder(), b.folder(), CompareOptions.DEFAULT);
    String page = page(comparison);

    assertThat(comparison.notes())
        .containsExactly("Sink scores: of 1,050 columns the first 1,000 are compared.");
    assertThat(page.length()).isLessThan(3_000_000);
    assertThat(page).contains("976 more columns are in the table above");
  }

  private static void wide(Results.Rows rows, int columns, int side) {
    for (int i = 0; i < 50; i++) {
      FrameWriter row = rows.at(i);
      for (int c = 0; c < columns; c++) {
        row.set(c, i + (c % 2) * side, Quality.GOOD);
      }
    }
  }
}
