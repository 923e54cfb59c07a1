/** The Open Inference Protocol v2 over HTTP, and what its doors share: names of types, statuses. */
@NullMarked
package kr.madang.gateway.oip;

import org.jspecify.annotations.NullMarked;
