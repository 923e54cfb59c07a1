/** ONNX models as steps of a pipeline: sessions, permits, tensors over Arrow memory. */
@NullMarked
package kr.madang.inference;

import org.jspecify.annotations.NullMarked;
