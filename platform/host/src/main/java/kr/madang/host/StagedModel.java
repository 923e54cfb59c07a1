package kr.madang.host;

import java.io.IOException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A model that was unpacked and is not kept yet. */
public final class StagedModel implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(StagedModel.class);

  private final Path work;
  private final Path folder;
  private final String digest;

  StagedModel(Path work, Path folder, String digest) {
    this.work = work;
    this.folder = folder;
    this.digest = digest;
  }

  Path work() {
    return work;
  }

  /** Where its files are. */
  public Path folder() {
    return folder;
  }

  /** SHA-256 over its files and their names, in hexadecimal: how they were packed is no matter. */
  public String digest() {
    return digest;
  }

  /** Deletes what was not kept. */
  @Override
  public void close() {
    try {
      Folders.delete(work);
    } catch (IOException e) {
      LOG.warn("{} cannot be deleted: {}", work, e.toString());
    }
  }
}
