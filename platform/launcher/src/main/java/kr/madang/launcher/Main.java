package kr.madang.launcher;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import kr.madang.sdk.error.Blame;
import kr.madang.sdk.error.PluginException;
import org.slf4j.LoggerFactory;

/** The command line: {@code madang VERB}. */
public final class Main {
  /** All went well. */
  static final int OK = 0;

  /** Something went wrong that is no fault of a config. */
  static final int FAILED = 1;

  /** What was written or said cannot be used as it stands. */
  static final int BAD_CONFIG = 2;

  /** A pipeline finished, and rejected rows were kept. */
  static final int REJECTED = 3;

  /** Two results are not the same. */
  static final int DIFFERENT = 3;

  /** One thing that the program can do. */
  @FunctionalInterface
  interface Action {
    /** Does it; gives the exit status. */
    int run(Arguments arguments, Map<String, String> environment) throws Exception;
  }

  private record Entry(Arguments.Verb verb, Action action) {}

  private static final List<Entry> VERBS =
      List.of(
          new Entry(Serve.VERB, Serve::run),
          new Entry(Run.VERB, Run::run),
          new Entry(Check.VERB, Check::run),
          new Entry(Doctor.VERB, Doctor::run),
          new Entry(Replay.VERB, Replay::run),
          new Entry(Compare.VERB, Compare::run),
          new Entry(JournalList.VERB, JournalList::run),
          new Entry(JournalCat.VERB, JournalCat::run),
          new Entry(JournalVerify.VERB, JournalVerify::run),
          new Entry(JournalExport.VERB, JournalExport::run),
          new Entry(Letters.LIST, Letters::list),
          new Entry(Letters.SHOW, Letters::show),
          new Entry(Letters.REPLAY, Letters::replay),
          new Entry(Letters.DISCARD, Letters::discard));

  private Main() {}

  /** Runs one verb and ends the process with its status. */
  public static void main(String... arguments) {
    int status = execute(List.of(arguments), System.getenv());
    System.out.flush();
    System.exit(status);
  }

  /** Runs one verb. */
  static int execute(List<String> arguments, Map<String, String> environment) {
    String first = arguments.isEmpty() ? "--help" : arguments.get(0);
    switch (first) {
      case "--version", "-V" -> {
        System.out.println("madang " + Distribution.here().version());
        return OK;
      }
      case "--help", "-h", "help" -> {
        System.out.print(usage(VERBS));
        return arguments.isEmpty() ? BAD_CONFIG : OK;
      }
      default -> {
        for (Entry entry : VERBS) {
          List<String> words = List.of(entry.verb().name().split(" "));
          if (arguments.size() >= words.size()
              && arguments.subList(0, words.size()).equals(words)) {
            return execute(entry, arguments.subList(words.size(), arguments.size()), environment);
          }
        }
        boolean asked = arguments.contains("--help") || arguments.contains("-h");
        List<Entry> group = group(first);
        if (group.isEmpty()) {
          System.err.println("madang: there is no verb '" + first + "'");
          System.err.print(usage(VERBS));
          return BAD_CONFIG;
        }
        if (!asked) {
          System.err.println(
              arguments.size() < 2 || arguments.get(1).startsWith("-")
                  ? "madang: " + first + " does several things: say which"
                  : "madang: there is no verb '" + first + " " + arguments.get(1) + "'");
        }
        (asked ? System.out : System.err).print(usage(group));
        return asked ? OK : BAD_CONFIG;
      }
    }
  }

  private static int execute(Entry entry, List<String> arguments, Map<String, String> environment) {
    if (arguments.contains("--help") || arguments.contains("-h")) {
      System.out.print(Arguments.help(entry.verb()));
      return OK;
    }
    try {
      return entry.action().run(Arguments.read(entry.verb(), arguments), environment);
    } catch (PluginException e) {
      System.err.println("madang: " + e.getMessage());
      return e.code().blame() == Blame.CONFIG ? BAD_CONFIG : FAILED;
    } catch (Exception | LinkageError e) {
      LoggerFactory.getLogger(Main.class).error("this is a mistake in madang", e);
      System.err.println("madang: a mistake in madang itself: " + e);
      return FAILED;
    }
  }

  /** Verbs of two words that begin with the same one. */
  private static List<Entry> group(String word) {
    return VERBS.stream().filter(entry -> entry.verb().name().startsWith(word + " ")).toList();
  }

  private static String usage(List<Entry> verbs) {
    int width = verbs.stream().mapToInt(entry -> entry.verb().name().length()).max().orElse(0) + 2;
    return verbs.stream()
        .map(entry -> {
          String name = entry.verb().name();
          return "  %s%s%s%n"
              .formatted(name, " ".repeat(width - name.length()), firstSentence(entry.verb()));
        })
        .collect(
            Collectors.joining(
                "", "madang VERB [OPTIONS], where VERB is\n", "madang VERB --help tells more.\n"));
  }

  private static String firstSentence(Arguments.Verb verb) {
    return verb.about().substring(0, verb.about().indexOf('.') + 1);
  }
}
