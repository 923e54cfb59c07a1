/** What an ONNX model declares of itself; the host runs it. */
@NullMarked
package kr.madang.sdk.model;

import org.jspecify.annotations.NullMarked;
