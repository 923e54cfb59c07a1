package kr.madang.inference;

import java.nio.ByteBuffer;

/**
 * One tensor by itself, as remote callers send and get it.
 *
 * @param name in the graph
 * @param type the ONNX element type in lower case: {@code float32}
 * @param shape all dimensions, the batch too; empty is a scalar
 * @param data the elements from position to limit, row-major, in the byte order of the machine;
 *     {@code bool} is a byte each, {@code string} is a length of 4 bytes, little endian, and UTF-8
 *     for each element
 */
public record Tensor(String name, String type, long[] shape, ByteBuffer data) {}
