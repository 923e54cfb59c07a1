package kr.madang.launcher;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import kr.madang.sdk.error.Blame;
import kr.madang.sdk.error.PluginException;
import org.slf4j.LoggerFactory;

/** The command line: {@code madang serve|run|check|doctor}. */
public final class Main {
  /** All went well. */
  static final int OK = 0;

  /** Something went wrong that is no fault of a config. */
  static final int FAILED = 1;

  /** What was written or said cannot be used as it stands. */
  static final int BAD_CONFIG = 2;

  /** A pipeline finished, and rejected rows were kept. */
  static final int REJECTED = 3;

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
          new Entry(Doctor.VERB, Doctor::run));

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
        System.out.print(usage());
        return arguments.isEmpty() ? BAD_CONFIG : OK;
      }
      default -> {
        for (Entry entry : VERBS) {
          if (entry.verb().name().equals(first)) {
            return execute(entry, arguments.subList(1, arguments.size()), environment);
          }
        }
        System.err.println("madang: there is no verb '" + first + "'");
        System.err.print(usage());
        return BAD_CONFIG;
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

  private static String usage() {
    return VERBS.stream()
        .map(entry -> "  %-8s%s%n".formatted(entry.verb().name(), firstSentence(entry.verb())))
        .collect(
            Collectors.joining(
                "", "madang VERB [OPTIONS], where VERB is\n", "madang VERB --help tells more.\n"));
  }

  private static String firstSentence(Arguments.Verb verb) {
    return verb.about().substring(0, verb.about().indexOf('.') + 1);
  }
}
