package kr.madang.inference;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ProfileTest {
  @TempDir Path folder;

  private static String event(String name, String operator, long micros) {
    return "{\"cat\" : \"Node\",\"pid\" :1,\"tid\" :1,\"dur\" :%d,\"ts\" :1,\"ph\" : \"X\",\"name\" :\"%s\",\"args\" : {\"provider\" : \"CPUExecutionProvider\",\"op_name\" : \"%s\"}},"
        .formatted(micros, name, operator);
  }

  private ImportReport.LongestNode longest(String... events) throws Exception {
    return Profile.longest(
            Files.writeString(
                folder.resolve("times.json"), "[\n" + String.join("\n", events) + "\n]"))
        .orElseThrow();
  }

  @Test
  void oneLongNodeHoldsAStopUp() throws Exception {
    ImportReport.LongestNode node =
        longest(
            event("a_kernel_time", "Add", 20_000),
            event("big \\\"one\\\"_kernel_time", "MatMul", 60_000));
    assertThat(node)
        .isEqualTo(new ImportReport.LongestNode("big \"one\"", "MatMul", 60_000, 0.75, false));
  }

  @Test
  void manyShortOnesDoNotHoweverLongTogether() throws Exception {
    String[] events = new String[400];
    java.util.Arrays.setAll(events, i -> event("a_kernel_time", "Add", 1_000));
    assertThat(longest(events))
        .isEqualTo(new ImportReport.LongestNode("a", "Add", 1_000, 1.0, true));
  }

  @Test
  void aLoopIsWhatIsInIt() throws Exception {
    assertThat(
            longest(
                event("loop_kernel_time", "Loop", 9_000_000),
                event("inner_kernel_time", "Add", 10),
                event("model_run", "", 9_000_000)))
        .isEqualTo(new ImportReport.LongestNode("inner", "Add", 10, 1.0, true));
  }

  @Test
  void whatIsNoListOfTimesGivesNothing() throws Exception {
    assertThat(Profile.longest(Files.writeString(folder.resolve("x"), "\0\0{}\n[["))).isEmpty();
  }
}
