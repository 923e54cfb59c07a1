package kr.madang.launcher;

import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import kr.madang.control.archive.Archive;
import kr.madang.control.archive.Export;
import kr.madang.control.archive.Span;
import kr.madang.host.HostOptions;
import kr.madang.host.PluginHost;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** Writes rows of a stream into files. */
final class JournalExport {
  static final Arguments.Verb VERB =
      new Arguments.Verb(
          "journal export",
          "STREAM",
          "Writes rows of a stream into Parquet or Arrow files. pandas, DuckDB and pyarrow open them as\n"
              + "they are. The journal stays as it is.",
          List.of(
              Looking.HOME,
              Looking.WORKSPACE,
              new Arguments.Option(
                  "to", "PLACE", "A new file (.parquet, .arrow) or an empty folder."),
              new Arguments.Option(
                  "format", "F", "parquet or arrow; by the file's name if left out."),
              new Arguments.Option("from", "N", "The number or the time of the first row."),
              new Arguments.Option("until", "N", "The number or the time after the last row."),
              Logging.LEVEL));

  private JournalExport() {}

  static int run(Arguments arguments, Map<String, String> environment) throws IOException {
    Path to = Path.of(arguments.required(VERB, "to"));
    Export.Format format = format(arguments, to);
    Span span = Span.of(arguments.option("from"), arguments.option("until"));
    try (Looking looking = Looking.at(arguments, environment);
        Archive archive = looking.open(arguments.option("workspace").orElse("default"));
        PluginHost host = host(looking)) {
      looking.home().scratch();
      Export.Written written =
          new Export(host, looking.allocator())
              .write(archive, arguments.files().getFirst(), span, to, format);
      written.files().forEach(System.out::println);
      System.err.printf(
          Locale.ROOT,
          "%d rows in %s%s%n",
          written.rows(),
          written.files().size() == 1 ? "one file" : written.files().size() + " files",
          written.gone() == 0 ? "" : "; " + written.gone() + " rows are not there any more");
    }
    return Main.OK;
  }

  private static PluginHost host(Looking looking) throws IOException {
    return PluginHost.open(
        HostOptions.of(
            looking.home().folder().resolve("plugins"),
            looking.distribution().catalogues(),
            looking.distribution().version(),
            InstantSource.system()));
  }

  private static Export.Format format(Arguments arguments, Path to) {
    Export.Format byName = Export.Format.of(to).orElse(Export.Format.PARQUET);
    String asked = arguments.option("format").orElse(byName.name()).toUpperCase(Locale.ROOT);
    for (Export.Format format : Export.Format.values()) {
      if (format.name().equals(asked)) {
        if (Export.Format.of(to).isPresent() && byName != format) {
          throw new PluginException(
              ErrorCode.CONFIG_INVALID,
              to + " does not end with the name of its format, " + asked.toLowerCase(Locale.ROOT));
        }
        return format;
      }
    }
    throw new PluginException(
        ErrorCode.CONFIG_INVALID,
        "--format: expected parquet or arrow, got '" + asked.toLowerCase(Locale.ROOT) + "'");
  }
}
