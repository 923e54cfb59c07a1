/** Compares the results of two replays: rows, values, statuses, distributions, latency and cost. */
@NullMarked
package kr.madang.engine.compare;

import org.jspecify.annotations.NullMarked;
