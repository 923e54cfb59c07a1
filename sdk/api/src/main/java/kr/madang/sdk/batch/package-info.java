/** Blocks of rows: the one data type that crosses a stage. */
@NullMarked
package kr.madang.sdk.batch;

import org.jspecify.annotations.NullMarked;
