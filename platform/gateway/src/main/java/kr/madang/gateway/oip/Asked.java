package kr.madang.gateway.oip;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kr.madang.inference.Slabs;
import kr.madang.inference.Tensor;
import org.jspecify.annotations.Nullable;

/** What a request for inference asks; closing it frees the memory of its tensors. */
final class Asked implements AutoCloseable {
  /** Nothing was said of how an output is wanted. */
  private static final byte UNSAID = 0;

  private static final byte JSON = 1;
  private static final byte BINARY = 2;

  @Nullable String id;
  long priority;
  long timeoutMicros;
  boolean binary;
  final List<Tensor> inputs = new ArrayList<>(2);
  private final List<Slabs.Slab> slabs = new ArrayList<>(2);
  private List<String> outputs = List.of();
  private byte[] forms = new byte[0];
  private long[] classes = new long[0];

  void keep(Slabs.Slab slab) {
    slabs.add(slab);
  }

  /**
   * Names an output; {@code null} leaves its form to the request.
   *
   * @param largest how many of its largest elements are wanted instead of all; 0 for all
   */
  void output(String name, @Nullable Boolean asBinary, long largest) {
    if (outputs.isEmpty()) {
      outputs = new ArrayList<>();
    }
    if (outputs.size() == forms.length) {
      forms = Arrays.copyOf(forms, Math.max(4, forms.length * 2));
    }
    if (largest > 0) {
      classes = Arrays.copyOf(classes, outputs.size() + 1);
      classes[outputs.size()] = largest;
    }
    forms[outputs.size()] = asBinary == null ? UNSAID : asBinary ? BINARY : JSON;
    outputs.add(name);
  }

  /** In the order that they were asked for; empty means all. */
  List<String> outputs() {
    return outputs;
  }

  /** How many elements are wanted of the first outputs; 0 for all. */
  long[] classes() {
    return classes;
  }

  /** Whether the output at a place of the answer is to be bytes. */
  boolean binary(int output) {
    byte form = output < outputs.size() ? forms[output] : UNSAID;
    return form == UNSAID ? binary : form == BINARY;
  }

  @Override
  public void close() {
    for (int i = 0; i < slabs.size(); i++) {
      slabs.get(i).close();
    }
    slabs.clear();
  }
}
