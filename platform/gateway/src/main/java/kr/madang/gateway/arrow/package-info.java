/** Arrow IPC as callers send and get it: read from bytes that may be hostile, without a copy. */
@NullMarked
package kr.madang.gateway.arrow;

import org.jspecify.annotations.NullMarked;
