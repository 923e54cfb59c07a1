package kr.madang.plugins.files;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import kr.madang.sdk.source.LogSource;
import kr.madang.sdk.source.Position;
import kr.madang.sdk.testkit.FakeSourceContext;
import kr.madang.sdk.testkit.TestAllocator;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.apache.arrow.memory.RootAllocator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class ResumeTest {
  @RegisterExtension final TestAllocator arrow = new TestAllocator();

  @Test
  void everyPositionResumesAtTheNextRow(@TempDir Path folder) throws Exception {
    for (int f = 0; f < 3; f++) {
      StringBuilder text = new StringBuilder("time,x,note\n");
      for (int i = 0; i < 10; i++) {
        text.append("2026-01-01T00:00:%02dZ,%d,\"a\nb\"\n".formatted(i, f * 10 + i));
      }
      Files.writeString(folder.resolve("f" + f + ".csv"), text);
    }
    SourceConfig config = Configs.at(folder).batch(3).build();
    FakeSourceContext context = new FakeSourceContext(arrow.get());
    Read all = Read.all(config, context);
    assertThat(all.rows).hasSize(30);
    int before = 0;
    for (int i = 0; i < all.positions.size(); i++) {
      before += all.sizes.get(i);
      Position position = all.positions.get(i);
      assertThat(Read.all(config, context.resumedAt(position)).rows)
          .isEqualTo(all.rows.subList(before, 30));
    }
  }

  @Property(tries = 60)
  void anySplitOfWritesAndRestartsGivesTheSameRows(
      @ForAll long seed, @ForAll @IntRange(min = 1, max = 40) int rows) throws Exception {
    Random random = new Random(seed);
    StringBuilder text = new StringBuilder("time,x,note\n");
    for (int i = 0; i < rows; i++) {
      String note = List.of("plain", "\"a\nb\"", "\"q\"\"q\"", "", "펌프").get(random.nextInt(5));
      String end = random.nextBoolean() ? "\r\n" : "\n";
      text.append("2026-01-01T00:00:%02dZ,%d,%s%s".formatted(i % 60, i, note, end));
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
    Path folder = Files.createTempDirectory("resume");
    Path file = folder.resolve("log.csv");
    try (RootAllocator allocator = new RootAllocator()) {
      Files.write(file, bytes);
      FakeSourceContext context = new FakeSourceContext(allocator);
      List<Map<String, Object>> expected = Read.all(Configs.at(file).build(), context).rows;
      assertThat(expected).hasSize(rows);
      assertThat(grown(file, bytes, random, context)).isEqualTo(expected);
      assertThat(context.rejects()).isEmpty();
    } finally {
      Files.delete(file);
      Files.delete(folder);
    }
  }

  private static List<Map<String, Object>> grown(
      Path file, byte[] bytes, Random random, FakeSourceContext context) throws Exception {
    SourceConfig config =
        Configs.at(file)
            .follow()
            .batch(1 + random.nextInt(5))
            .column("x", "x", SourceConfig.Type.DOUBLE, null)
            .column("note", "note", SourceConfig.Type.TEXT, null)
            .build();
    Files.write(file, new byte[0]);
    List<Map<String, Object>> rows = new ArrayList<>();
    FakeSourceContext at = context;
    int written = 0;
    LogSource source = Read.open(config, at);
    try {
      while (written < bytes.length || rows.size() < count(bytes)) {
        int more = Math.min(bytes.length - written, random.nextInt(30));
        try (var out = Files.newOutputStream(file, java.nio.file.StandardOpenOption.APPEND)) {
          out.write(bytes, written, more);
        }
        written += more;
        Read read = new Read(Duration.ofMillis(2));
        read.some(source, 1 + random.nextInt(3));
        rows.addAll(read.rows);
        if (!read.positions.isEmpty()) {
          at = at.resumedAt(read.positions.getLast());
        }
        if (random.nextInt(4) == 0) {
          source.close();
          source = Read.open(config, at);
        }
      }
    } finally {
      source.close();
    }
    return rows;
  }

  private static int count(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    return text.split("2026-01-01T").length - 1;
  }
}
