package kr.madang.inference;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import kr.madang.inference.ImportReport.BatchTime;
import kr.madang.inference.ImportReport.Carried;
import kr.madang.inference.ImportReport.Constants;
import kr.madang.inference.ImportReport.DataFile;
import kr.madang.inference.ImportReport.GoldenResult;
import kr.madang.inference.ImportReport.LongestNode;
import kr.madang.inference.ImportReport.Operator;
import kr.madang.inference.ImportReport.Refusal;
import kr.madang.inference.ImportReport.Unzipped;
import kr.madang.inference.onnx.DataFiles;
import kr.madang.inference.onnx.OnnxModel;
import kr.madang.inference.onnx.Reason;
import kr.madang.inference.onnx.Rewrite;

/** What an examination has found so far; becomes the report. */
final class Findings {
  private static final String STANDARD = "ai.onnx";
  private static final int LONGEST_TEXT = 1000;

  private long irVersion;
  private String producer = "";
  private final Map<String, Long> opsets = new LinkedHashMap<>();
  private List<Operator> operators = List.of();
  private List<ModelInfo.Signature> inputs = List.of();
  private List<ModelInfo.Signature> outputs = List.of();
  private List<Carried> casts = List.of();
  private List<Unzipped> maps = List.of();
  private final List<DataFile> dataFiles = new ArrayList<>();
  private Constants weights = new Constants(0, 0);
  private List<BatchTime> curve = List.of();
  private ImportReport.Memory memory = new ImportReport.Memory(0, 0, 0, 0, 0);
  private Optional<LongestNode> longest = Optional.empty();
  private long load;
  private long first;
  private ImportReport.Settings settings = new ImportReport.Settings("cpu", true, false, false);
  private Optional<GoldenResult> golden = Optional.empty();
  private final List<String> warnings = new ArrayList<>();
  private final List<Refusal> refusals = new ArrayList<>();

  void file(OnnxModel onnx, Path folder) throws IOException {
    irVersion = onnx.irVersion();
    producer = (onnx.producer() + " " + onnx.producerVersion()).strip();
    onnx.opsets().forEach((domain, version) -> opsets.put(domain(domain), version));
    Map<Operator, Long> counts = new LinkedHashMap<>();
    onnx.forEachNode(node ->
        counts.merge(new Operator(domain(node.domain()), node.operator(), 0), 1L, Long::sum));
    operators =
        counts.entrySet().stream()
            .map(entry ->
                new Operator(entry.getKey().domain(), entry.getKey().name(), entry.getValue()))
            .sorted((a, b) -> Long.compare(b.count(), a.count()))
            .toList();
    AtomicLong count = new AtomicLong();
    onnx.forEachWeights(_ -> count.incrementAndGet());
    weights = new Constants(count.get(), Preparation.weights(onnx));
    for (String name : DataFiles.names(onnx)) {
      Path file = folder.resolve(name.replace('\0', '?')).normalize();
      boolean inside = folder.normalize().equals(file.getParent());
      dataFiles.add(new DataFile(name, inside && Files.exists(file) ? Files.size(file) : 0));
    }
  }

  private static String domain(String domain) {
    return domain.isEmpty() ? STANDARD : domain;
  }

  void changed(Rewrite rewrite) {
    casts =
        rewrite.casts().stream()
            .map(cast -> new Carried(cast.input(), cast.type(), cast.carrier()))
            .toList();
    maps = rewrite.maps().stream().map(one -> new Unzipped(one.output(), one.labels())).toList();
  }

  void settings(boolean packed) {
    settings = new ImportReport.Settings("cpu", true, packed, packed);
  }

  void loaded(LoadedModel model, long nanos) {
    load = nanos;
    inputs = model.info().inputs();
    outputs = model.info().outputs();
  }

  void first(long nanos) {
    first = nanos;
  }

  /** Whether a run on made-up input has ended well. */
  boolean runs() {
    return first > 0;
  }

  void curve(List<BatchTime> found) {
    curve = found;
  }

  void memory(long files, long resident, long own, long peak, long weightBytes) {
    long beside = Math.max(0, peak);
    long taken = Math.max(Math.max(0, resident), weightBytes);
    memory =
        new ImportReport.Memory(
            files, Math.max(0, resident), Math.max(0, own), beside, taken + beside);
  }

  void longest(Optional<LongestNode> found) {
    longest = found;
    found
        .filter(node -> !node.cancellable())
        .ifPresent(node ->
            warnings.add(
                "node '%s' (%s) takes %,.0f ms by itself; a run cannot be stopped while it goes on"
                    .formatted(node.name(), node.operator(), node.micros() / 1000)));
  }

  void golden(GoldenResult result) {
    golden = Optional.of(result);
  }

  List<String> warnings() {
    return warnings;
  }

  void refuse(List<Reason> reasons) {
    reasons.forEach(reason -> refuse(reason.where(), reason.expected(), reason.got()));
  }

  void refuse(String where, String expected, String got) {
    refusals.add(new Refusal(brief(where), brief(expected), brief(got)));
  }

  private static String brief(String text) {
    String plain = text.replaceAll("\\p{Cntrl}", " ");
    return plain.length() <= LONGEST_TEXT ? plain : plain.substring(0, LONGEST_TEXT) + "…";
  }

  boolean passed() {
    return refusals.isEmpty();
  }

  ImportReport report() {
    double warm = curve.isEmpty() ? 0 : curve.getFirst().micros();
    return new ImportReport(
        irVersion,
        producer,
        opsets,
        operators,
        inputs,
        outputs,
        casts,
        maps,
        dataFiles,
        weights,
        curve,
        memory,
        longest,
        new ImportReport.Times(load / 1e3, first / 1e3, warm),
        settings,
        golden,
        warnings,
        refusals);
  }
}
