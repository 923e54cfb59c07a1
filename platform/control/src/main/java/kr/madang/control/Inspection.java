package kr.madang.control;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import java.util.concurrent.ThreadFactory;
import kr.madang.control.spec.ModelDocument;
import kr.madang.host.ArchiveLimits;
import kr.madang.host.HostError;
import kr.madang.host.ModelStore;
import kr.madang.host.StagedModel;
import kr.madang.inference.Inference;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.apache.arrow.memory.BufferAllocator;

/** Examines a model that no runtime has, as an upload of it would, for the command line. */
public final class Inspection {
  private final Path scratch;
  private final Inference inference;
  private final BufferAllocator allocator;
  private final ThreadFactory threads;

  /**
   * Examines nothing yet.
   *
   * @param scratch a folder that may be filled
   */
  public Inspection(
      Path scratch, Inference inference, BufferAllocator allocator, ThreadFactory threads) {
    this.scratch = scratch;
    this.inference = inference;
    this.allocator = allocator;
    this.threads = threads;
  }

  /**
   * Examines a model.
   *
   * @param model an archive or a folder
   * @return what it declares, and the report, which says why a runtime would refuse it
   * @throws PluginException if it is no package
   */
  public JsonNode of(Path model) {
    ModelStore store;
    try {
      store = ModelStore.open(scratch.resolve("models"), ArchiveLimits.DEFAULT);
    } catch (IOException e) {
      throw new PluginException(HostError.STORAGE, scratch + " cannot be read: " + e, e);
    }
    if (Files.isDirectory(model)) {
      return of(store, model, "");
    }
    if (!Files.isRegularFile(model)) {
      throw new PluginException(ErrorCode.NOT_FOUND, "there is no file " + model);
    }
    try (StagedModel staged = store.stage(model)) {
      return of(store, staged.folder(), staged.digest());
    }
  }

  private JsonNode of(ModelStore store, Path folder, String digest) {
    ModelDocument document = Uploads.declaration(folder);
    Imports imports =
        new Imports(inference, allocator, threads, store, scratch.resolve("prepared"), false);
    JsonNode report = RecordJson.of(imports.inspect(document.spec(), folder));
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("name", document.name());
    json.put("version", document.version());
    json.put("description", document.description());
    json.put("digest", digest);
    ObjectNode plate = json.putObject("nameplate");
    new TreeMap<>(document.spec().nameplate()).forEach(plate::put);
    json.set("report", report);
    return json;
  }
}
