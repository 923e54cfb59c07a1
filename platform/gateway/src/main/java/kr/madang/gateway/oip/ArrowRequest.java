package kr.madang.gateway.oip;

import io.netty.util.AsciiString;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kr.madang.control.ServedModel;
import kr.madang.gateway.arrow.ColumnTensors;
import kr.madang.gateway.arrow.IpcStream;
import kr.madang.gateway.arrow.OutputTable;
import kr.madang.gateway.arrow.Wishes;
import kr.madang.inference.Slabs;
import kr.madang.inference.Tensor;
import org.jspecify.annotations.Nullable;

/** A body that is a stream of Arrow record batches; the answer is one too. */
final class ArrowRequest {
  static final AsciiString TYPE = AsciiString.cached("application/vnd.apache.arrow.stream");

  private ArrowRequest() {}

  /** Whether a content type means such a body. */
  static boolean is(@Nullable String contentType) {
    return contentType != null
        && contentType.regionMatches(true, 0, TYPE.toString(), 0, TYPE.length())
        && (contentType.length() == TYPE.length()
            || contentType.charAt(TYPE.length()) == ';'
            || contentType.charAt(TYPE.length()) == ' ');
  }

  /** All record batches together are one request. */
  static Asked read(ServedModel served, byte[] body, int length, Slabs slabs) {
    IpcStream stream = IpcStream.read(body, length);
    Wishes wishes = Wishes.of(stream.schema().metadata());
    Asked asked = new Asked();
    asked.id = wishes.id().isEmpty() ? null : wishes.id();
    asked.priority = wishes.priority();
    asked.timeoutMicros = wishes.timeoutMicros();
    wishes.outputs().forEach(name -> asked.output(name, null, 0));
    asked.columns(ColumnTensors.of(stream.parts(), served.inputs(), slabs));
    return asked;
  }

  static AnswerWriter.Written answer(
      String model, String version, Asked asked, List<Tensor> outputs) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("model_name", model);
    metadata.put("model_version", version);
    String id = asked.id;
    if (id != null) {
      metadata.put("id", id);
    }
    byte[] bytes = IpcStream.write(OutputTable.of(outputs), metadata);
    return new AnswerWriter.Written(bytes, bytes.length, -1);
  }
}
