/** Arrow Flight, on the port of gRPC: inference, rows of pipelines, rows into pipelines. */
@NullMarked
package kr.madang.gateway.flight;

import org.jspecify.annotations.NullMarked;
