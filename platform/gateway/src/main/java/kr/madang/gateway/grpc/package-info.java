/** The Open Inference Protocol over gRPC. */
@NullMarked
package kr.madang.gateway.grpc;

import org.jspecify.annotations.NullMarked;
