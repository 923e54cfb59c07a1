package kr.madang.plugins.files;

import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import kr.madang.sdk.Verification;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Source;
import kr.madang.sdk.source.SourceContext;
import kr.madang.sdk.source.SourceFactory;
import org.apache.arrow.vector.types.pojo.Schema;

/** Reads CSV, Parquet and Arrow files. */
final class FilesSource implements SourceFactory<SourceConfig> {
  @Override
  public String name() {
    return "files";
  }

  @Override
  public String title() {
    return "CSV, Parquet and Arrow files";
  }

  @Override
  public Class<SourceConfig> config() {
    return SourceConfig.class;
  }

  @Override
  public Optional<Schema> frames(SourceConfig config) throws Exception {
    return Survey.plan(config, FileList.of(config.path().toString())).schema();
  }

  @Override
  public void verify(SourceConfig config, Verification verification) throws Exception {
    FileList list = FileList.of(config.path().toString());
    verification.step(
        "find " + config.path(),
        () -> {
          List<FoundFile> files = list.list();
          if (files.isEmpty()) {
            throw new PluginException(
                ErrorCode.NOT_FOUND,
                "expected a file, found none at '"
                    + config.path()
                    + "'"
                    + (config.follow() ? "; the source will wait for one" : ""));
          }
          for (FoundFile file : files) {
            if (!Files.isReadable(file.path())) {
              throw new PluginException(
                  ErrorCode.UNREACHABLE, file.path() + ": may not be read; grant access");
            }
          }
        });
    verification.step("read the columns and the first rows", () -> Survey.plan(config, list));
  }

  @Override
  public Source open(SourceConfig config, SourceContext context) throws Exception {
    FileList list = FileList.of(config.path().toString());
    RowPlan plan = Survey.plan(config, list);
    Bookmark bookmark = Bookmark.of(context.position().orElse(null));
    Opener opener = new Opener(config, plan, context);
    if (config.follow()) {
      return new FollowingSource(config, list, bookmark, opener, context);
    }
    return new FiniteSource(list.list(), bookmark, opener, context);
  }
}
