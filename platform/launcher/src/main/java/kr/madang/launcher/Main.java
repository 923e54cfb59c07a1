package kr.madang.launcher;

import kr.madang.sdk.error.Blame;
import kr.madang.sdk.error.PluginException;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;

/** The command line: {@code madang serve|run|check|doctor}. */
@Command(
    name = "madang",
    description = "Runs pipelines from factory data through models, as plugins.",
    subcommands = {Serve.class, Run.class, Check.class, Doctor.class},
    versionProvider = Main.Version.class,
    mixinStandardHelpOptions = true)
public final class Main {
  /** All went well. */
  static final int OK = 0;

  /** Something went wrong that is no fault of a config. */
  static final int FAILED = 1;

  /** What was written or said cannot be used as it stands. */
  static final int BAD_CONFIG = 2;

  /** A pipeline finished, and rejected rows were kept. */
  static final int REJECTED = 3;

  private Main() {}

  /** Runs one verb and ends the process with its status. */
  public static void main(String... arguments) {
    int status = execute(arguments);
    System.out.flush();
    System.exit(status);
  }

  /** Runs one verb. */
  static int execute(String... arguments) {
    CommandLine line = new CommandLine(new Main());
    line.setExecutionExceptionHandler((e, command, parsed) -> explain(e));
    line.setUsageHelpWidth(100);
    return line.execute(arguments);
  }

  private static int explain(Exception error) {
    if (error instanceof PluginException known) {
      System.err.println("madang: " + known.getMessage());
      return known.code().blame() == Blame.CONFIG ? BAD_CONFIG : FAILED;
    }
    LoggerFactory.getLogger(Main.class).error("this is a mistake in madang", error);
    System.err.println("madang: a mistake in madang itself: " + error);
    return FAILED;
  }

  /** What {@code --version} prints. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"madang " + Distribution.here().version()};
    }
  }
}
