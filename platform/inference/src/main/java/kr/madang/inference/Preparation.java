package kr.madang.inference;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import kr.madang.inference.onnx.DataFiles;
import kr.madang.inference.onnx.OnnxModel;
import kr.madang.inference.onnx.Rewrite;
import kr.madang.inference.onnx.WeightFiles;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelSpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes a model as it will be loaded. A large one is optimised once, and its weights are laid down
 * as the kernels want them, so that all sessions map the same pages; a small one is loaded as it
 * came.
 */
final class Preparation {
  /** Weights below that are not worth files of their own. */
  static final long LARGE = 4 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(Preparation.class);
  private static final String SHARED = "weights";
  private static final int ROWS = 3;

  private final ModelLoader loader;
  private final ModelSpec spec;
  private final Path folder;
  private final Path prepared;
  private final OnnxModel onnx;
  private final Rewrite rewrite;
  private final long limitNanos;

  /**
   * For one model.
   *
   * @param limitNanos that one run may take
   */
  Preparation(
      ModelLoader loader,
      ModelSpec spec,
      Path folder,
      Path prepared,
      OnnxModel onnx,
      Rewrite rewrite,
      long limitNanos) {
    this.loader = loader;
    this.spec = spec;
    this.folder = folder;
    this.prepared = prepared;
    this.onnx = onnx;
    this.rewrite = rewrite;
    this.limitNanos = limitNanos;
  }

  /** The bytes of all constant tensors. */
  static long weights(OnnxModel onnx) {
    AtomicLong bytes = new AtomicLong();
    onnx.forEachWeights(weights -> bytes.addAndGet(weights.bytes()));
    return bytes.get();
  }

  /**
   * Fills the folder.
   *
   * @param warnings what went otherwise than hoped
   * @return whether the weights are packed
   */
  boolean write(List<String> warnings) throws IOException, InterruptedException {
    if (weights(onnx) >= LARGE) {
      try {
        optimise();
        WeightFiles.settle(prepared.resolve(Prepared.MODEL), Prepared.WEIGHTS, shared());
        if (same()) {
          return true;
        }
        warnings.add("the optimised model gives other results than the original; it is not used");
      } catch (OrtException e) {
        warnings.add("the model cannot be optimised beforehand: " + OrtErrors.text(e));
      } catch (PluginException e) {
        LOG.debug("model {}", spec.name(), e);
        warnings.add("the optimised model cannot be used: " + e.getMessage());
      }
      Prepared.clear(prepared);
    }
    plain();
    return false;
  }

  /** Weights that models have in common lie beside what is prepared of them. */
  private Optional<Path> shared() {
    return Optional.of(prepared.toAbsolutePath().resolveSibling(SHARED));
  }

  private void plain() throws IOException {
    Path file = folder.resolve(Prepared.MODEL);
    if (rewrite.isNeeded()) {
      rewrite.write(file, prepared.resolve(Prepared.MODEL));
    } else {
      Files.copy(file, prepared.resolve(Prepared.MODEL));
    }
    for (String name : DataFiles.names(onnx)) {
      if (name.equals(Prepared.MODEL)) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID, "external data must not lie in the model's own file");
      }
      Files.copy(folder.resolve(name), prepared.resolve(name));
    }
  }

  private void optimise() throws OrtException, IOException {
    OrtLibrary library = OrtLibrary.load();
    try (OrtSession.SessionOptions options = library.sessionOptions()) {
      // no layout of one kind of processor: that comes at loading
      options.setOptimizationLevel(OrtSession.SessionOptions.OptLevel.EXTENDED_OPT);
      options.setOptimizedModelFilePath(prepared.resolve(Prepared.MODEL).toString());
      options.addConfigEntry(
          "session.optimized_model_external_initializers_file_name", Prepared.WEIGHTS);
      options.addConfigEntry(
          "session.optimized_model_external_initializers_min_size_in_bytes", "1024");
      options.addConfigEntry("session.save_external_prepacked_constant_initializers", "1");
      ModelLoader.session(library, onnx, folder.resolve(Prepared.MODEL), options).close();
    }
  }

  /** Whether the optimised model gives what the original gives, as far as input can be made up. */
  private boolean same() throws InterruptedException {
    try (LoadedModel before =
            loader.load(spec, folder.resolve(Prepared.MODEL), limitNanos, Optional.empty());
        LoadedModel after =
            loader.load(spec, prepared.resolve(Prepared.MODEL), limitNanos, Optional.empty())) {
      if (!before.info().inputs().equals(after.info().inputs())
          || !before.info().outputs().equals(after.info().outputs())) {
        return false;
      }
      MadeUp input = new MadeUp(before.info());
      if (input.misfit().isPresent()) {
        return true;
      }
      for (int rows : input.hasRows() ? new int[] {1, ROWS} : new int[] {1}) {
        List<Tensor> made = input.rows(rows);
        List<Tensor> expected = before.run(made);
        List<Tensor> got = after.run(made);
        for (int i = 0; i < expected.size(); i++) {
          if (!MadeUp.same(expected.get(i), got.get(i))) {
            return false;
          }
        }
      }
      return true;
    }
  }
}
