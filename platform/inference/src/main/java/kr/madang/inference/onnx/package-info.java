/** ONNX files: read within bounds, looked over, rewritten. Knows nothing of ONNX Runtime. */
@NullMarked
package kr.madang.inference.onnx;

import org.jspecify.annotations.NullMarked;
