package kr.madang.engine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import kr.madang.journal.Full;
import kr.madang.journal.Journal;
import kr.madang.journal.JournalStream;
import kr.madang.journal.StreamOptions;

/** The streams that a pipeline has in the journal of its workspace. */
record Streams(Journal journal, String pipeline) {
  private static final String REJECTED = "!rejected";
  private static final StreamOptions LETTERS =
      new StreamOptions(Full.DROP_OLDEST, 64L << 20, Duration.ZERO);
  private static final StreamOptions RESOLUTIONS =
      new StreamOptions(Full.DROP_OLDEST, 8L << 20, Duration.ZERO);

  /** What a source gave, or what a sink is to be given. */
  String stage(String stage) {
    return pipeline + "/" + stage;
  }

  JournalStream stage(String stage, StreamOptions options) {
    return journal.stream(stage(stage), options);
  }

  /** Rows that a stage could not take. */
  JournalStream rejected(String stage) {
    return journal.stream(stage(stage) + REJECTED, LETTERS);
  }

  /** What became of rejected rows. */
  JournalStream resolutions() {
    return journal.stream(pipeline + "!resolved", RESOLUTIONS);
  }

  /** Checkpoints. */
  JournalStream state(StreamOptions options) {
    return journal.stream(pipeline + "!state", options);
  }

  /** Rejected rows that are put back in, for the stage that the meta names. */
  JournalStream again(StreamOptions options) {
    return journal.stream(pipeline + "!again", options);
  }

  /** The stages that have rejected rows. */
  List<String> stagesWithLetters() {
    String start = pipeline + "/";
    List<String> stages = new ArrayList<>();
    for (JournalStream stream : journal.streams()) {
      String name = stream.name();
      if (name.startsWith(start) && name.endsWith(REJECTED)) {
        stages.add(name.substring(start.length(), name.length() - REJECTED.length()));
      }
    }
    return stages;
  }

  /** Every cursor that the pipeline may have. */
  List<String> cursors() {
    return all().stream().filter(name -> name.startsWith(pipeline + "/")).toList();
  }

  /** Every stream of the pipeline. */
  List<String> all() {
    return journal.streams().stream()
        .map(JournalStream::name)
        .filter(name -> name.startsWith(pipeline + "/") || name.startsWith(pipeline + "!"))
        .toList();
  }
}
