package kr.madang.launcher;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import kr.madang.control.archive.Archive;
import kr.madang.journal.JournalStatus;
import kr.madang.journal.JournalStream;
import kr.madang.journal.StreamStatus;

/** Lists what the journals of a home hold. */
final class JournalList {
  static final Arguments.Verb VERB =
      new Arguments.Verb(
          "journal ls",
          "",
          "Lists workspaces, segments and streams of the journals of a home. Changes nothing.",
          List.of(
              Looking.HOME,
              new Arguments.Option("json", "", "One JSON object instead of a table."),
              Logging.LEVEL));

  private JournalList() {}

  static int run(Arguments arguments, Map<String, String> environment) {
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    boolean json = arguments.has("json");
    Instant now = Instant.now();
    try (Looking looking = Looking.at(arguments, environment)) {
      for (String workspace : looking.workspaces()) {
        try (Archive archive = looking.open(workspace)) {
          JournalStatus journal = archive.journal().status();
          List<StreamStatus> streams =
              archive.journal().streams().stream().map(JournalStream::status).toList();
          if (json) {
            all.add(json(workspace, journal, streams));
          } else {
            System.out.print(table(workspace, journal, streams, now));
          }
        }
      }
      if (json) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.set("workspaces", all);
        System.out.println(root);
      } else if (looking.workspaces().isEmpty()) {
        System.out.println("no workspace of " + looking.home().folder() + " has a journal");
      }
    }
    return Main.OK;
  }

  static String table(
      String workspace, JournalStatus journal, List<StreamStatus> streams, Instant now) {
    StringBuilder text = new StringBuilder();
    text.append(
        "workspace %s: %d segments, %s, %s%n"
            .formatted(
                workspace,
                journal.segments(),
                bytes(journal.bytes()),
                journal.damaged() == 0 ? "nothing damaged" : journal.damaged() + " damaged"));
    Table table = new Table("STREAM", "ROWS", "FIRST", "NEXT", "BYTES", "OLDEST", "EPOCH", "GONE");
    for (StreamStatus stream : streams) {
      table.add(
          stream.name(),
          Long.toString(stream.next() - stream.first()),
          Long.toString(stream.first()),
          Long.toString(stream.next()),
          bytes(stream.bytes()),
          stream.oldest() == 0 ? "-" : age(Duration.between(time(stream.oldest()), now)),
          Long.toString(stream.epoch()),
          Long.toString(stream.gone()));
    }
    text.append(table);
    journal
        .damage()
        .forEach(found ->
            text.append(
                "  damaged: %s at %d: %s%n".formatted(found.file(), found.offset(), found.what())));
    return text.toString();
  }

  private static ObjectNode json(
      String workspace, JournalStatus journal, List<StreamStatus> streams) {
    ObjectNode one = JsonNodeFactory.instance.objectNode();
    one.put("workspace", workspace);
    one.put("segments", journal.segments());
    one.put("bytes", journal.bytes());
    one.put("damaged", journal.damaged());
    ArrayNode damage = one.putArray("damage");
    journal
        .damage()
        .forEach(found ->
            damage
                .addObject()
                .put("file", found.file())
                .put("offset", found.offset())
                .put("what", found.what()));
    ArrayNode list = one.putArray("streams");
    for (StreamStatus stream : streams) {
      ObjectNode node = list.addObject();
      node.put("stream", stream.name());
      node.put("epoch", stream.epoch());
      node.put("rows", stream.next() - stream.first());
      node.put("first", stream.first());
      node.put("next", stream.next());
      node.put("bytes", stream.bytes());
      node.put("gone", stream.gone());
      if (stream.oldest() == 0) {
        node.putNull("oldest");
      } else {
        node.put("oldest", time(stream.oldest()).toString());
      }
    }
    return one;
  }

  static Instant time(long nanos) {
    return Instant.ofEpochSecond(
        Math.floorDiv(nanos, 1_000_000_000L), Math.floorMod(nanos, 1_000_000_000L));
  }

  static String bytes(long bytes) {
    String[] units = {"B", "KiB", "MiB", "GiB", "TiB"};
    double value = bytes;
    int unit = 0;
    while (value >= 1024 && unit < units.length - 1) {
      value /= 1024;
      unit++;
    }
    return String.format(Locale.ROOT, unit == 0 ? "%.0f %s" : "%.1f %s", value, units[unit]);
  }

  static String age(Duration age) {
    long seconds = Math.max(0, age.toSeconds());
    if (seconds < 120) {
      return seconds + " s";
    }
    if (seconds < 7200) {
      return seconds / 60 + " min";
    }
    return seconds < 172_800 ? seconds / 3600 + " h" : seconds / 86_400 + " d";
  }
}
