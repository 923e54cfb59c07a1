package kr.madang.launcher;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import kr.madang.control.Format;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/**
 * A pipeline file.
 *
 * @param text of it
 * @param format by its ending
 * @param base what relative paths in it are relative to
 */
record PipelineFile(String text, Format format, Path base) {
  private static final long MOST = 4 << 20;

  /** Reads a file, or says why it cannot be read. */
  static PipelineFile read(Path file) {
    try {
      if (Files.isDirectory(file)) {
        throw invalid(file, "it is a folder; name a file");
      }
      if (Files.size(file) > MOST) {
        throw invalid(file, "it has more than 4 MiB");
      }
      Path folder = file.toAbsolutePath().normalize().getParent();
      return new PipelineFile(
          Files.readString(file),
          file.toString().endsWith(".json") ? Format.JSON : Format.YAML,
          folder == null ? Path.of("/") : folder);
    } catch (NoSuchFileException e) {
      throw invalid(file, "there is no such file");
    } catch (CharacterCodingException e) {
      throw invalid(file, "it is not UTF-8");
    } catch (IOException e) {
      throw invalid(file, "it cannot be read: " + e.getMessage());
    }
  }

  private static PluginException invalid(Path file, String why) {
    return new PluginException(ErrorCode.CONFIG_INVALID, "pipeline file " + file + ": " + why);
  }
}
