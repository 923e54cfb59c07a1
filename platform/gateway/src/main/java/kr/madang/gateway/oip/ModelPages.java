package kr.madang.gateway.oip;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import kr.madang.control.ModelStanding;
import kr.madang.control.ServedModel;
import kr.madang.inference.CallFigures;
import kr.madang.inference.ModelInfo;

/** Models as the protocol shows them. */
final class ModelPages {
  private ModelPages() {}

  static void metadata(JsonGenerator out, ServedModel model, List<String> versions)
      throws IOException {
    out.writeStartObject();
    out.writeStringField("name", model.name());
    out.writeArrayFieldStart("versions");
    for (String version : versions) {
      out.writeString(version);
    }
    out.writeEndArray();
    out.writeStringField("platform", "onnx_onnxv1");
    tensors(out, "inputs", model.inputs());
    tensors(out, "outputs", model.outputs());
    out.writeEndObject();
  }

  private static void tensors(JsonGenerator out, String field, List<ModelInfo.Signature> tensors)
      throws IOException {
    out.writeArrayFieldStart(field);
    for (ModelInfo.Signature tensor : tensors) {
      out.writeStartObject();
      out.writeStringField("name", tensor.name());
      out.writeStringField("datatype", Datatype.nameOf(tensor.type()));
      dimensions(out, "shape", tensor);
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  private static void dimensions(JsonGenerator out, String field, ModelInfo.Signature tensor)
      throws IOException {
    out.writeArrayFieldStart(field);
    for (long dimension : tensor.shape()) {
      out.writeNumber(dimension);
    }
    out.writeEndArray();
  }

  /** What of Triton's model configuration is true here; dimensions include the batch. */
  static void config(JsonGenerator out, ServedModel model) throws IOException {
    out.writeStartObject();
    out.writeStringField("name", model.name());
    out.writeStringField("platform", "onnxruntime_onnx");
    out.writeStringField("backend", "onnxruntime");
    out.writeNumberField("max_batch_size", 0);
    configured(out, "input", model.inputs());
    configured(out, "output", model.outputs());
    out.writeEndObject();
  }

  private static void configured(JsonGenerator out, String field, List<ModelInfo.Signature> tensors)
      throws IOException {
    out.writeArrayFieldStart(field);
    for (ModelInfo.Signature tensor : tensors) {
      String type = Datatype.nameOf(tensor.type());
      out.writeStartObject();
      out.writeStringField("name", tensor.name());
      out.writeStringField("data_type", "TYPE_" + (type.equals("BYTES") ? "STRING" : type));
      dimensions(out, "dims", tensor);
      out.writeEndObject();
    }
    out.writeEndArray();
  }

  static void index(JsonGenerator out, List<ModelStanding> all, boolean readyOnly)
      throws IOException {
    out.writeStartArray();
    for (ModelStanding one : all) {
      if (!readyOnly || one.state() == ModelStanding.State.READY) {
        out.writeStartObject();
        out.writeStringField("name", one.name());
        out.writeStringField("version", one.version());
        out.writeStringField("state", one.state().name());
        out.writeStringField("reason", one.reason());
        out.writeEndObject();
      }
    }
    out.writeEndArray();
  }

  /** Of models that are not in memory all figures are 0. */
  static void statistics(JsonGenerator out, List<ModelStanding> all) throws IOException {
    out.writeStartObject();
    out.writeArrayFieldStart("model_stats");
    for (ModelStanding one : all) {
      statistics(out, one);
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private static void statistics(JsonGenerator out, ModelStanding one) throws IOException {
    Optional<CallFigures.Snapshot> seen = one.figures();
    long runs = of(seen, CallFigures.Snapshot::runs);
    long succeeded = of(seen, CallFigures.Snapshot::succeeded);
    long failed = of(seen, CallFigures.Snapshot::failed) + of(seen, CallFigures.Snapshot::rejected);
    out.writeStartObject();
    out.writeStringField("name", one.name());
    out.writeStringField("version", one.version());
    out.writeNumberField("last_inference", of(seen, CallFigures.Snapshot::lastMillis));
    out.writeNumberField("inference_count", of(seen, CallFigures.Snapshot::rows));
    out.writeNumberField("execution_count", runs);
    out.writeObjectFieldStart("inference_stats");
    duration(out, "success", succeeded, of(seen, CallFigures.Snapshot::succeededNanos));
    duration(out, "fail", failed, of(seen, CallFigures.Snapshot::failedNanos));
    duration(out, "queue", succeeded, of(seen, CallFigures.Snapshot::queueNanos));
    computed(out, runs, of(seen, CallFigures.Snapshot::runNanos));
    duration(out, "cache_hit", 0, 0);
    duration(out, "cache_miss", 0, 0);
    out.writeEndObject();
    out.writeObjectFieldStart("response_stats");
    out.writeEndObject();
    out.writeArrayFieldStart("batch_stats");
    for (var size : seen.map(CallFigures.Snapshot::sizes).orElse(Map.of()).entrySet()) {
      out.writeStartObject();
      out.writeNumberField("batch_size", size.getKey());
      computed(out, size.getValue().count(), size.getValue().nanos());
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeArrayFieldStart("memory_usage");
    out.writeEndArray();
    out.writeEndObject();
  }

  private static long of(
      Optional<CallFigures.Snapshot> seen, Function<CallFigures.Snapshot, Long> figure) {
    return seen.map(figure).orElse(0L);
  }

  /** Tensors are used where they lie, so that what comes before and after a run takes no time. */
  private static void computed(JsonGenerator out, long runs, long nanos) throws IOException {
    duration(out, "compute_input", runs, 0);
    duration(out, "compute_infer", runs, nanos);
    duration(out, "compute_output", runs, 0);
  }

  private static void duration(JsonGenerator out, String field, long count, long nanos)
      throws IOException {
    out.writeObjectFieldStart(field);
    out.writeNumberField("count", count);
    out.writeNumberField("ns", nanos);
    out.writeEndObject();
  }
}
