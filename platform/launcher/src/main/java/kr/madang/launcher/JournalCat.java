package kr.madang.launcher;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import kr.madang.control.archive.Archive;
import kr.madang.control.archive.Span;
import kr.madang.control.archive.Tail;
import kr.madang.gateway.RowJson;
import kr.madang.journal.Logged;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/** Prints rows of a stream. */
final class JournalCat {
  static final Arguments.Verb VERB =
      new Arguments.Verb(
          "journal cat",
          "STREAM",
          "Prints rows of a stream, one JSON object a line. Changes nothing.",
          List.of(
              Looking.HOME,
              Looking.WORKSPACE,
              new Arguments.Option("from", "N", "The number or the time of the first row."),
              new Arguments.Option("until", "N", "The number or the time after the last row."),
              new Arguments.Option("rows", "N", "Most rows that are printed; 100 if left out."),
              Logging.LEVEL));

  private static final JsonFactory JSON = new JsonFactory();

  private JournalCat() {}

  static int run(Arguments arguments, Map<String, String> environment) throws InterruptedException {
    long most = rows(arguments.option("rows"));
    Span span = Span.of(arguments.option("from"), arguments.option("until"));
    String stream = arguments.files().getFirst();
    try (Looking looking = Looking.at(arguments, environment);
        Archive archive = looking.open(arguments.option("workspace").orElse("default"));
        Tail tail = Tail.of(archive, stream, span, looking.allocator())) {
      long left = most;
      while (left > 0) {
        Logged next = tail.next();
        if (next == null) {
          break;
        }
        left -= print(next, span, left);
      }
    }
    return Main.OK;
  }

  /** Prints a record; gives the rows that were printed. */
  private static long print(Logged next, Span span, long most) {
    switch (next) {
      case Logged.Rows got -> {
        try (var batch = got.batch()) {
          long until = span.untilRow() - got.sequence();
          long shown = Math.min(Math.min(batch.rows(), until), most);
          for (int row = 0; row < shown; row++) {
            System.out.println(
                line(got, got.sequence() + row, got.time(), "row", RowJson.of(batch, row), null));
          }
          return shown;
        }
      }
      case Logged.Note note -> {
        System.out.println(
            line(note, note.sequence(), note.time(), "note", text(note.meta()), null));
        return 1;
      }
      case Logged.Gap gap -> {
        System.out.println(line(gap, gap.sequence(), 0, "", "", gap));
        return 0;
      }
    }
  }

  private static String line(
      Logged of, long sequence, long time, String key, String json, Logged.@Nullable Gap gap) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(text)) {
      out.writeStartObject();
      out.writeNumberField("sequence", sequence);
      out.writeNumberField("epoch", of.epoch());
      if (gap == null) {
        out.writeStringField("appended", JournalList.time(time).toString());
        out.writeFieldName(key);
        out.writeRawValue(json);
      } else {
        out.writeNumberField("gapTo", gap.to());
        out.writeStringField("cause", gap.cause());
      }
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /** A note of ours is text as far as it can be read; anything else is told by its length. */
  private static String text(byte[] meta) {
    String text = new String(meta, StandardCharsets.UTF_8);
    boolean plain = text.chars().noneMatch(c -> c == 0xFFFD || c < ' ');
    StringWriter json = new StringWriter();
    try (JsonGenerator out = JSON.createGenerator(json)) {
      out.writeString(plain ? text : meta.length + " bytes");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return json.toString();
  }

  private static long rows(Optional<String> text) {
    try {
      return Math.max(0, Long.parseLong(text.orElse("100")));
    } catch (NumberFormatException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID, "--rows: expected a number, got '" + text.orElse("") + "'", e);
    }
  }
}
