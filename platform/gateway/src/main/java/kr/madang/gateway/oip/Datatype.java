package kr.madang.gateway.oip;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The element types of the Open Inference Protocol and how ONNX calls them. */
public enum Datatype {
  BOOL("bool", 1),
  UINT8("uint8", 1),
  UINT16("uint16", 2),
  UINT32("uint32", 4),
  UINT64("uint64", 8),
  INT8("int8", 1),
  INT16("int16", 2),
  INT32("int32", 4),
  INT64("int64", 8),
  FP16("float16", 2),
  BF16("bfloat16", 2),
  FP32("float32", 4),
  FP64("float64", 8),
  BYTES("string", 0);

  private static final Map<String, Datatype> BY_NAME = by(Datatype::name);
  private static final Map<String, Datatype> BY_LABEL = by(Datatype::label);

  private final String label;
  private final int size;

  Datatype(String label, int size) {
    this.label = label;
    this.size = size;
  }

  private static Map<String, Datatype> by(Function<Datatype, String> key) {
    return Stream.of(values()).collect(Collectors.toMap(key, Function.identity()));
  }

  /** As the type of a {@link kr.madang.inference.Tensor}. */
  public String label() {
    return label;
  }

  /** Bytes of one element; 0 for {@link #BYTES}, where each has its own length before it. */
  public int size() {
    return size;
  }

  /** Whether JSON can carry it; the 16-bit floats go as bytes only. */
  public boolean inJson() {
    return this != FP16 && this != BF16;
  }

  /** By its name in the protocol, case and all. */
  public static Optional<Datatype> named(String name) {
    return Optional.ofNullable(BY_NAME.get(name));
  }

  /** By the type of a {@link kr.madang.inference.Tensor}. */
  public static Optional<Datatype> labelled(String label) {
    return Optional.ofNullable(BY_LABEL.get(label));
  }

  /** The name in the protocol of a type of a tensor; that type itself where there is none. */
  public static String nameOf(String label) {
    Datatype type = BY_LABEL.get(label);
    return type == null ? label : type.name();
  }
}
