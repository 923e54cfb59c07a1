package kr.madang.gateway.grpc;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import kr.madang.control.ModelStanding;
import kr.madang.control.ServedModel;
import kr.madang.gateway.grpc.Wire.Fields;
import kr.madang.gateway.oip.Datatype;
import kr.madang.inference.CallFigures;
import kr.madang.inference.ModelInfo;

/** Models as the protocol shows them. */
final class Pages {
  /** {@code inference.DataType}, by number. */
  private static final List<String> CONFIGURED =
      List.of(
          "INVALID", "BOOL", "UINT8", "UINT16", "UINT32", "UINT64", "INT8", "INT16", "INT32",
          "INT64", "FP16", "FP32", "FP64", "BYTES", "BF16");

  private Pages() {}

  static byte[] metadata(ServedModel model, List<String> versions) {
    return Wire.message(out -> {
      out.text(1, model.name());
      for (String version : versions) {
        out.item(2, version);
      }
      out.text(3, "onnx_onnxv1");
      for (ModelInfo.Signature input : model.inputs()) {
        out.message(4, tensor(input));
      }
      for (ModelInfo.Signature output : model.outputs()) {
        out.message(5, tensor(output));
      }
    });
  }

  private static Fields tensor(ModelInfo.Signature tensor) {
    return out ->
        out.text(1, tensor.name())
            .text(2, Datatype.nameOf(tensor.type()))
            .packed(3, tensor.shape().stream().mapToLong(Long::longValue).toArray());
  }

  /** What of Triton's model configuration is true here; dimensions include the batch. */
  static byte[] config(ServedModel model) {
    return Wire.message(out ->
        out.message(
            1,
            config -> {
              config.text(1, model.name()).text(2, "onnxruntime_onnx");
              for (ModelInfo.Signature input : model.inputs()) {
                config.message(5, configured(input, 4));
              }
              for (ModelInfo.Signature output : model.outputs()) {
                config.message(6, configured(output, 3));
              }
              config.text(17, "onnxruntime");
            }));
  }

  private static Fields configured(ModelInfo.Signature tensor, int shape) {
    return out ->
        out.text(1, tensor.name())
            .number(2, CONFIGURED.indexOf(Datatype.nameOf(tensor.type())))
            .packed(shape, tensor.shape().stream().mapToLong(Long::longValue).toArray());
  }

  static byte[] index(List<ModelStanding> models, boolean readyOnly) {
    return Wire.message(out -> {
      for (ModelStanding model : models) {
        if (!readyOnly || model.state() == ModelStanding.State.READY) {
          out.message(
              1,
              entry ->
                  entry
                      .text(1, model.name())
                      .text(2, model.version())
                      .text(3, model.state().name().toUpperCase(Locale.ROOT))
                      .text(4, model.reason()));
        }
      }
    });
  }

  static byte[] statistics(List<ModelStanding> models) {
    return Wire.message(out -> {
      for (ModelStanding model : models) {
        out.message(
            1,
            one -> {
              one.text(1, model.name()).text(2, model.version());
              if (model.figures().isPresent()) {
                figures(one, model.figures().get());
              }
            });
      }
    });
  }

  private static void figures(Wire.Out out, CallFigures.Snapshot had) throws java.io.IOException {
    out.number(3, had.lastMillis()).number(4, had.rows()).number(5, had.runs());
    out.message(
        6,
        stats ->
            stats
                .message(1, duration(had.succeeded(), had.succeededNanos()))
                .message(2, duration(had.failed() + had.rejected(), had.failedNanos()))
                .message(3, duration(had.succeeded(), had.queueNanos()))
                .message(5, duration(had.runs(), had.runNanos())));
    for (Map.Entry<Long, CallFigures.Times> size : had.sizes().entrySet()) {
      out.message(
          7,
          batch ->
              batch
                  .number(1, size.getKey())
                  .message(3, duration(size.getValue().count(), size.getValue().nanos())));
    }
  }

  private static Fields duration(long count, long nanos) {
    return out -> out.number(1, count).number(2, nanos);
  }
}
