package kr.madang.inference;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import kr.madang.inference.onnx.Inspection;
import kr.madang.inference.onnx.Limits;
import kr.madang.inference.onnx.OnnxFault;
import kr.madang.inference.onnx.OnnxModel;
import kr.madang.inference.onnx.OnnxReader;
import kr.madang.inference.onnx.Reason;
import kr.madang.inference.onnx.Rewrite;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelSpec;
import org.apache.arrow.memory.BufferAllocator;
import org.jspecify.annotations.Nullable;

/** Examines one model: looks it over, writes it as it will be loaded, loads it, measures it. */
final class Examination {
  /** The bytes of one tensor made within a graph, where the model declares none. */
  private static final long GROWN = 256L << 20;

  private static final long RUN_NANOS = TimeUnit.SECONDS.toNanos(30);
  private static final int TRIALS = 3;

  private final ModelLoader loader;
  private final ModelSpec spec;
  private final Path folder;
  private final Path prepared;
  private final BufferAllocator allocator;
  private final long limitNanos;
  private final Consumer<ExaminationStage> told;
  private final Findings findings = new Findings();

  Examination(
      ModelLoader loader,
      ModelSpec spec,
      Path folder,
      Path prepared,
      BufferAllocator allocator,
      Consumer<ExaminationStage> told) {
    this.loader = loader;
    this.spec = spec;
    this.folder = folder;
    this.prepared = prepared;
    this.allocator = allocator;
    long own = loader.limit(spec);
    this.limitNanos = own == 0 ? RUN_NANOS : own;
    this.told = told;
  }

  ImportReport run() throws InterruptedException {
    try {
      told.accept(ExaminationStage.READING);
      OnnxModel onnx = read();
      if (onnx != null) {
        findings.file(onnx, folder);
        findings.refuse(Inspection.strange(onnx, folder, grown(), spec.limits().isPresent()));
        if (findings.passed()) {
          examine(onnx);
        }
      }
    } catch (PluginException e) {
      if (e.code().equals(ErrorCode.BUG)) {
        throw e;
      }
      findings.refuse("the model", "one that loads and runs", String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw new PluginException(
          ErrorCode.EXHAUSTED,
          "model %s: its files cannot be read or written: %s".formatted(spec.name(), e),
          e);
    }
    return findings.report();
  }

  private @Nullable OnnxModel read() throws IOException {
    Path file = folder.resolve(Prepared.MODEL);
    if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
      findings.refuse(Prepared.MODEL, "a file", Files.exists(file) ? "a link" : "none");
      return null;
    }
    try {
      return OnnxReader.read(file, Limits.usual());
    } catch (OnnxFault e) {
      Reason reason = e.reason();
      findings.refuse(Prepared.MODEL + ", " + reason.where(), reason.expected(), reason.got());
      return null;
    }
  }

  private long grown() {
    return spec.limits().map(ModelSpec.Limits::peakBytes).orElse(GROWN);
  }

  private void examine(OnnxModel onnx) throws IOException, InterruptedException {
    told.accept(ExaminationStage.PREPARING);
    Rewrite rewrite = Rewrite.plan(onnx);
    findings.changed(rewrite);
    boolean packed =
        new Preparation(loader, spec, folder, prepared, onnx, rewrite, limitNanos)
            .write(findings.warnings());
    findings.settings(packed);
    Path file = prepared.resolve(Prepared.MODEL);
    measure(file, packed, Preparation.weights(onnx));
    told.accept(ExaminationStage.PROFILING);
    Optional<ImportReport.LongestNode> longest = longest(file);
    findings.longest(longest);
    if (findings.passed()) {
      Prepared.seal(prepared, OrtLibrary.load().environment());
    }
  }

  private void measure(Path file, boolean packed, long weights)
      throws IOException, InterruptedException {
    told.accept(ExaminationStage.LOADING);
    Resident.trim();
    Resident before = Resident.now();
    boolean watched = Resident.watchPeak();
    long start = System.nanoTime();
    try (LoadedModel model = loader.load(spec, file, limitNanos, Optional.empty())) {
      findings.loaded(model, System.nanoTime() - start);
      long loading = watched ? Resident.peak() : 0;
      Resident loaded = Resident.now();
      Resident.watchPeak();
      Measure measure = new Measure(model);
      Optional<String> misfit = new MadeUp(model.info()).misfit();
      if (misfit.isPresent()) {
        findings.warnings().add("no times could be measured: " + misfit.get());
      } else {
        first(measure);
      }
      Resident after = Resident.now();
      if (findings.runs()) {
        told.accept(ExaminationStage.MEASURING);
        curve(measure, loaded);
      }
      told.accept(ExaminationStage.PROVING);
      golden(model);
      long running = watched ? Resident.peak() : 0;
      if (watched && findings.runs()) {
        cap(file, beside(running, loaded));
      }
      findings.memory(
          Prepared.bytes(prepared),
          after.bytes() - before.bytes(),
          after.own() - before.own(),
          beside(Math.max(loading, running), after),
          packed ? weights : 2 * weights);
    }
  }

  /** What was there at the worst moment more than at another. */
  private static long beside(long peak, Resident other) {
    return peak - other.bytes() - Math.max(other.heap(), Resident.now().heap());
  }

  private void first(Measure measure) throws InterruptedException {
    try {
      findings.first(measure.first());
    } catch (PluginException e) {
      if (e.code().equals(ErrorCode.EXHAUSTED)) {
        findings.refuse(
            "a run of one row",
            "an answer within %,d ms".formatted(TimeUnit.NANOSECONDS.toMillis(limitNanos)),
            String.valueOf(e.getMessage()));
      } else {
        findings.warnings().add("it does not run on made-up input: " + e.getMessage());
      }
    }
  }

  private void curve(Measure measure, Resident loaded) throws InterruptedException {
    try {
      findings.curve(measure.curve(grown(), loaded.bytes() + loaded.heap()));
    } catch (PluginException e) {
      findings.warnings().add("no times could be measured: " + e.getMessage());
    }
  }

  /** Others may have taken memory at the same time: the least of some trials counts. */
  private void cap(Path file, long first) throws InterruptedException {
    long most = spec.limits().map(ModelSpec.Limits::peakBytes).orElse(Long.MAX_VALUE);
    long beside = first;
    for (int i = 0; i < TRIALS && beside > most; i++) {
      // a session of its own: one that has run keeps what it took
      try (LoadedModel fresh = loader.load(spec, file, limitNanos, Optional.empty())) {
        Resident before = Resident.now();
        Resident.watchPeak();
        new Measure(fresh).some();
        beside = Math.min(beside, beside(Resident.peak(), before));
      }
    }
    if (beside > most) {
      findings.refuse(
          "limits.peakBytes of model.yaml",
          "at least what a run takes beside the weights",
          "%,d, and the trial took %,d".formatted(most, beside));
    }
  }

  private void golden(LoadedModel model) throws InterruptedException {
    if (spec.golden().isEmpty()) {
      findings
          .warnings()
          .add("it brings no golden samples: nothing proves that it computes well here");
      return;
    }
    String name = spec.golden().get().file();
    Path file = folder.resolve(name).normalize();
    if (!file.startsWith(folder.normalize()) || !Files.isRegularFile(file)) {
      findings.refuse("golden.file of model.yaml", "a file beside it", "'" + name + "'");
      return;
    }
    try {
      findings.golden(Golden.run(model, file, allocator));
    } catch (PluginException e) {
      findings.refuse("golden samples", "what the file says", String.valueOf(e.getMessage()));
    }
  }

  /** The longest node, seen by a session of its own: noting times costs time. */
  private Optional<ImportReport.LongestNode> longest(Path file)
      throws IOException, InterruptedException {
    if (!findings.passed() || !findings.runs()) {
      return Optional.empty();
    }
    List<Path> notes = new ArrayList<>();
    try (LoadedModel model =
        loader.load(spec, file, limitNanos, Optional.of(prepared.resolve("times")))) {
      new Measure(model).some();
      notes.add(model.endProfile());
      return Profile.longest(notes.getFirst());
    } catch (PluginException e) {
      findings.warnings().add("the longest node was not found: " + e.getMessage());
      return Optional.empty();
    } finally {
      for (Path note : notes) {
        Files.deleteIfExists(note);
      }
    }
  }
}
