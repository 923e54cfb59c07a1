/** Spans of calls and of model steps, sent to a collector where one is named. */
@NullMarked
package kr.madang.gateway.trace;

import org.jspecify.annotations.NullMarked;
