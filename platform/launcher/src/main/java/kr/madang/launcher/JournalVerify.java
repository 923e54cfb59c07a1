package kr.madang.launcher;

import java.util.List;
import java.util.Map;
import kr.madang.control.archive.Archive;
import kr.madang.control.archive.Verified;
import kr.madang.journal.Damage;
import kr.madang.journal.Logged;

/** Reads the journals of a home from end to end. */
final class JournalVerify {
  static final Arguments.Verb VERB =
      new Arguments.Verb(
          "journal verify",
          "",
          "Reads every record of the journals of a home. Names what is damaged and what is missing;\n"
              + "ends with 0 when nothing is, else 1. Changes nothing.",
          List.of(
              Looking.HOME,
              new Arguments.Option("workspace", "NAME", "Only this one's."),
              Logging.LEVEL));

  private static final int SHOWN = 100;

  private JournalVerify() {}

  static int run(Arguments arguments, Map<String, String> environment) throws InterruptedException {
    boolean whole = true;
    try (Looking looking = Looking.at(arguments, environment)) {
      List<String> workspaces =
          arguments.option("workspace").map(List::of).orElseGet(looking::workspaces);
      for (String workspace : workspaces) {
        try (Archive archive = looking.open(workspace)) {
          Verified verified = Verified.of(archive, looking.allocator());
          print(workspace, verified);
          whole &= verified.whole();
        }
      }
      if (workspaces.isEmpty()) {
        System.out.println("no workspace of " + looking.home().folder() + " has a journal");
      }
    }
    return whole ? Main.OK : Main.FAILED;
  }

  private static void print(String workspace, Verified verified) {
    for (Damage found : verified.damage()) {
      System.out.printf(
          "%s: %s at %d: %s%n", workspace, found.file(), found.offset(), found.what());
    }
    for (Logged.Gap gap : verified.gaps().subList(0, Math.min(SHOWN, verified.gaps().size()))) {
      System.out.printf(
          "%s: stream %s lacks rows %d to %d (%s)%n",
          workspace, gap.stream(), gap.sequence(), gap.to() - 1, gap.cause());
    }
    System.out.printf(
        "%s: %d records, %d rows, %d gaps, %s%n",
        workspace,
        verified.records(),
        verified.rows(),
        verified.gaps().size(),
        verified.whole() ? "nothing damaged" : "damaged: see above");
  }
}
