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

  /** In the order of the help. */
  private static final List<String> VERBS =
      List.of(
          "serve",
          "run",
          "check",
          "doctor",
          "replay",
          "compare",
          "journal ls",
          "journal cat",
          "journal verify",
          "journal export",
          "model ls",
          "model inspect",
          "model upload",
          "model rm",
          "model alias",
          "dead-letters ls",
          "dead-letters show",
          "dead-letters replay",
          "dead-letters discard");

  private Main() {}

  /** Only the verb that is asked for is loaded. */
  private static Entry entry(String name) {
    return switch (name) {
      case "serve" -> new Entry(Serve.VERB, Serve::run);
      case "run" -> new Entry(Run.VERB, Run::run);
      case "check" -> new Entry(Check.VERB, Check::run);
      case "doctor" -> new Entry(Doctor.VERB, Doctor::run);
      case "replay" -> new Entry(Replay.VERB, Replay::run);
      case "compare" -> new Entry(Compare.VERB, Compare::run);
      case "journal ls" -> new Entry(JournalList.VERB, JournalList::run);
      case "journal cat" -> new Entry(JournalCat.VERB, JournalCat::run);
      case "journal verify" -> new Entry(JournalVerify.VERB, JournalVerify::run);
      case "journal export" -> new Entry(JournalExport.VERB, JournalExport::run);
      case "model ls" -> new Entry(ModelVerbs.LIST, ModelVerbs::list);
      case "model inspect" -> new Entry(ModelVerbs.INSPECT, ModelVerbs::inspect);
      case "model upload" -> new Entry(ModelVerbs.UPLOAD, ModelVerbs::upload);
      case "model rm" -> new Entry(ModelVerbs.REMOVE, ModelVerbs::remove);
      case "model alias" -> new Entry(ModelVerbs.ALIAS, ModelVerbs::alias);
      case "dead-letters ls" -> new Entry(Letters.LIST, Letters::list);
      case "dead-letters show" -> new Entry(Letters.SHOW, Letters::show);
      case "dead-letters replay" -> new Entry(Letters.REPLAY, Letters::replay);
      case "dead-letters discard" -> new Entry(Letters.DISCARD, Letters::discard);
      default -> throw new IllegalArgumentException(name);
    };
  }

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
        for (String name : VERBS) {
          List<String> words = List.of(name.split(" "));
          if (arguments.size() >= words.size()
              && arguments.subList(0, words.size()).equals(words)) {
            return execute(
                entry(name), arguments.subList(words.size(), arguments.size()), environment);
          }
        }
        boolean asked = arguments.contains("--help") || arguments.contains("-h");
        List<String> group = group(first);
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
  private static List<String> group(String word) {
    return VERBS.stream().filter(name -> name.startsWith(word + " ")).toList();
  }

  private static String usage(List<String> verbs) {
    int width = verbs.stream().mapToInt(String::length).max().orElse(0) + 2;
    return verbs.stream()
        .map(name ->
            "  %s%s%s%n"
                .formatted(
                    name, " ".repeat(width - name.length()), firstSentence(entry(name).verb())))
        .collect(
            Collectors.joining(
                "", "madang VERB [OPTIONS], where VERB is\n", "madang VERB --help tells more.\n"));
  }

  private static String firstSentence(Arguments.Verb verb) {
    return verb.about().substring(0, verb.about().indexOf('.') + 1);
  }
}
