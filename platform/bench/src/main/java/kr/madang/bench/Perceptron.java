package kr.madang.bench;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import kr.madang.inference.Inference;
import kr.madang.inference.InferenceOptions;
import kr.madang.inference.LoadedModel;
import kr.madang.inference.OnnxBuilder;
import kr.madang.sdk.model.ModelSpec;
import kr.madang.sdk.model.TensorBinding;
import kr.madang.sdk.model.TensorBinding.OnBad;
import org.apache.arrow.memory.BufferAllocator;

/** A perceptron 8-64-64-1, ours and raw. */
final class Perceptron implements AutoCloseable {
  static final int INPUTS = 8;

  private final Path file;
  private final Inference inference;
  private final LoadedModel model;

  Perceptron(BufferAllocator allocator, List<String> fields)
      throws IOException, InterruptedException {
    file = Files.createTempFile("perceptron", ".onnx");
    OnnxBuilder.perceptron(1, INPUTS, 64, 64, 1).write(file);
    inference = Inference.open(new InferenceOptions(2, Duration.ofSeconds(10), Duration.ZERO));
    TensorBinding input =
        new TensorBinding("x", fields, List.of(), "", OnBad.MARK_UNCERTAIN, "", "");
    ModelSpec spec =
        new ModelSpec(
            "perceptron", "1.0.0", List.of(input), List.of(), Map.of(), Optional.empty(), Map.of());
    model = inference.load(spec, file, Optional.empty(), allocator);
  }

  Inference inference() {
    return inference;
  }

  LoadedModel model() {
    return model;
  }

  Raw raw(int rows) throws OrtException {
    return new Raw(file, rows);
  }

  @Override
  public void close() throws IOException {
    model.close();
    inference.close();
    Files.delete(file);
  }

  /** The fastest way that the bare library knows: tensors made once, output pinned. */
  static final class Raw implements AutoCloseable {
    private final OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    private final OrtSession session;
    private final OnnxTensor in;
    private final OnnxTensor out;
    private final Map<String, OnnxTensor> inputs;
    private final Map<String, OnnxTensor> outputs;

    Raw(Path file, int rows) throws OrtException {
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      options.disablePerSessionThreads();
      session = environment.createSession(file.toString(), options);
      in = tensor(environment, rows, INPUTS);
      out = tensor(environment, rows, 1);
      inputs = Map.of("x", in);
      outputs = Map.of("y", out);
    }

    private static OnnxTensor tensor(OrtEnvironment environment, long rows, long columns)
        throws OrtException {
      ByteBuffer buffer =
          ByteBuffer.allocateDirect((int) (rows * columns * 4)).order(ByteOrder.nativeOrder());
      return OnnxTensor.createTensor(
          environment, buffer, new long[] {rows, columns}, OnnxJavaType.FLOAT);
    }

    void run() throws OrtException {
      session.run(inputs, Set.of(), outputs).close();
    }

    @Override
    public void close() throws OrtException {
      in.close();
      out.close();
      session.close();
      options.close();
    }
  }
}
