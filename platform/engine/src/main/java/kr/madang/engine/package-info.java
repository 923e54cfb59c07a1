/** Runs pipelines: source → steps → sinks, with a ledger that accounts for every row. */
@NullMarked
package kr.madang.engine;

import org.jspecify.annotations.NullMarked;
