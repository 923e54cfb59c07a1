package kr.madang.inference;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.TensorInfo;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.apache.arrow.vector.types.FloatingPointPrecision;
import org.apache.arrow.vector.types.pojo.ArrowType;

/**
 * The element types of tensors, and of the Arrow columns that meet them. In a column {@link #BOOL}
 * is a bit and {@link #STRING} is utf8; the 16-bit floats of a tensor are float32 in a column.
 */
enum ElementType {
  FLOAT32(4, OnnxJavaType.FLOAT, floating(FloatingPointPrecision.SINGLE)),
  FLOAT64(8, OnnxJavaType.DOUBLE, floating(FloatingPointPrecision.DOUBLE)),
  INT8(1, OnnxJavaType.INT8, integer(8, true)),
  UINT8(1, OnnxJavaType.UINT8, integer(8, false)),
  INT16(2, OnnxJavaType.INT16, integer(16, true)),
  UINT16(2, OnnxJavaType.INT16, integer(16, false)),
  INT32(4, OnnxJavaType.INT32, integer(32, true)),
  UINT32(4, OnnxJavaType.INT32, integer(32, false)),
  INT64(8, OnnxJavaType.INT64, integer(64, true)),
  UINT64(8, OnnxJavaType.INT64, integer(64, false)),
  FLOAT16(2, OnnxJavaType.FLOAT16, floating(FloatingPointPrecision.SINGLE)),
  BFLOAT16(2, OnnxJavaType.BFLOAT16, floating(FloatingPointPrecision.SINGLE)),
  BOOL(1, OnnxJavaType.BOOL, ArrowType.Bool.INSTANCE),
  STRING(0, OnnxJavaType.STRING, ArrowType.Utf8.INSTANCE);

  private static final Map<String, Optional<ElementType>> LABELLED =
      Arrays.stream(values())
          .collect(Collectors.toUnmodifiableMap(ElementType::label, Optional::of));

  /** Bytes of one element in a tensor; 0 for strings. */
  final int size;

  /**
   * What creates such a tensor from Java. Of a wide unsigned integer it is the signed one of the
   * same size, which a rewritten graph takes as the input and reads as unsigned.
   */
  final OnnxJavaType java;

  /** The type of a column that carries such a tensor. */
  final ArrowType column;

  private final String label;

  ElementType(int size, OnnxJavaType java, ArrowType column) {
    this.label = name().toLowerCase(Locale.ROOT);
    this.size = size;
    this.java = java;
    this.column = column;
  }

  /** As the ONNX specification spells it, in lower case. */
  String label() {
    return label;
  }

  /** As the Open Inference Protocol spells it. */
  String protocol() {
    return switch (this) {
      case FLOAT16 -> "FP16";
      case FLOAT32 -> "FP32";
      case FLOAT64 -> "FP64";
      case BFLOAT16 -> "BF16";
      case STRING -> "BYTES";
      default -> name();
    };
  }

  /** Whether such an input can be made over memory as it lies. */
  boolean wraps() {
    return this != STRING;
  }

  /** Whether such an output can be written to memory that is given before the run. */
  boolean pins() {
    return switch (this) {
      case UINT16, UINT32, UINT64, STRING -> false;
      default -> true;
    };
  }

  /** Whether the elements of a tensor and of its column have the same bytes. */
  boolean sameInColumn() {
    return switch (this) {
      case BOOL, STRING, FLOAT16, BFLOAT16 -> false;
      default -> true;
    };
  }

  boolean isFloat() {
    return switch (this) {
      case FLOAT32, FLOAT64, FLOAT16, BFLOAT16 -> true;
      default -> false;
    };
  }

  static Optional<ElementType> labelled(String label) {
    return LABELLED.getOrDefault(label, Optional.empty());
  }

  static Optional<ElementType> of(TensorInfo.OnnxTensorType type) {
    return Optional.ofNullable(
        switch (type) {
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT -> FLOAT32;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_DOUBLE -> FLOAT64;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT8 -> INT8;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT8 -> UINT8;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT16 -> INT16;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT16 -> UINT16;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32 -> INT32;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT32 -> UINT32;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64 -> INT64;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_UINT64 -> UINT64;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT16 -> FLOAT16;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16 -> BFLOAT16;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL -> BOOL;
          case ONNX_TENSOR_ELEMENT_DATA_TYPE_STRING -> STRING;
          default -> null;
        });
  }

  /** The type of a column's elements, if tensors can be made from them. */
  static Optional<ElementType> of(ArrowType type) {
    return switch (type) {
      case ArrowType.Bool _ -> Optional.of(BOOL);
      case ArrowType.Utf8 _ -> Optional.of(STRING);
      case ArrowType.FloatingPoint floating ->
          Optional.of(
              switch (floating.getPrecision()) {
                case HALF -> FLOAT16;
                case SINGLE -> FLOAT32;
                case DOUBLE -> FLOAT64;
              });
      case ArrowType.Int integer ->
          Optional.of(
              switch (integer.getBitWidth()) {
                case 8 -> integer.getIsSigned() ? INT8 : UINT8;
                case 16 -> integer.getIsSigned() ? INT16 : UINT16;
                case 32 -> integer.getIsSigned() ? INT32 : UINT32;
                default -> integer.getIsSigned() ? INT64 : UINT64;
              });
      default -> Optional.empty();
    };
  }

  private static ArrowType floating(FloatingPointPrecision precision) {
    return new ArrowType.FloatingPoint(precision);
  }

  private static ArrowType integer(int bits, boolean signed) {
    return new ArrowType.Int(bits, signed);
  }
}
