package kr.madang.gateway.oip;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import kr.madang.control.ServedModel;
import kr.madang.inference.ModelInfo;
import kr.madang.inference.Slabs;
import kr.madang.inference.Tensor;

/** A body that is one tensor and nothing else: for models with one input of one open dimension. */
final class RawRequest {
  private RawRequest() {}

  /** All outputs of such a request come as bytes. */
  static Asked read(ServedModel served, byte[] body, int length, Slabs slabs) {
    List<ModelInfo.Signature> inputs = served.inputs();
    if (inputs.size() != 1) {
      throw Refusal.invalid(
          "a request without JSON is for models with one input; %s has %d"
              .formatted(served.name(), inputs.size()));
    }
    ModelInfo.Signature input = inputs.getFirst();
    Datatype type =
        Datatype.labelled(input.type())
            .orElseThrow(() -> Refusal.invalid("no datatype carries " + input.type()));
    Asked asked = new Asked();
    try {
      boolean text = type == Datatype.BYTES;
      long[] shape = text ? ofOne(input) : shape(input, type, length);
      Slabs.Slab slab = slabs.take(text ? length + 4L : length);
      asked.keep(slab);
      ByteBuffer data = slab.part(0, text ? length + 4 : length);
      if (text) {
        data.order(ByteOrder.LITTLE_ENDIAN).putInt(0, length);
      }
      data.put(text ? 4 : 0, body, 0, length);
      asked.inputs.add(new Tensor(input.name(), type.label(), shape, data));
      asked.binary = true;
      return asked;
    } catch (Throwable t) {
      asked.close();
      throw t;
    }
  }

  /** One element, whatever the rank. */
  private static long[] ofOne(ModelInfo.Signature input) {
    long[] shape = new long[input.shape().size()];
    for (int i = 0; i < shape.length; i++) {
      shape[i] = Math.max(1, input.shape().get(i));
    }
    return shape;
  }

  /** One row, and what is open beyond that as long as the bytes say. */
  private static long[] shape(ModelInfo.Signature input, Datatype type, int length) {
    long[] shape = input.shape().stream().mapToLong(Long::longValue).toArray();
    if (shape.length > 1 && shape[0] < 0) {
      shape[0] = 1;
    }
    int open = -1;
    long known = type.size();
    for (int i = 0; i < shape.length; i++) {
      if (shape[i] >= 0) {
        known *= shape[i];
      } else if (open < 0) {
        open = i;
      } else {
        throw Refusal.invalid(
            "input '%s': a request without JSON is for inputs with one open dimension, its shape is %s"
                .formatted(input.name(), input.shape()));
      }
    }
    if (open >= 0) {
      if (known == 0 || length % known != 0) {
        throw Refusal.invalid(
            "input '%s': expected a multiple of %d bytes for shape %s of %s, got %d"
                .formatted(input.name(), known, input.shape(), type, length));
      }
      shape[open] = length / known;
    }
    return shape;
  }
}
