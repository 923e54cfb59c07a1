/** Measures the bars, each as a ratio to the raw library in the same run. */
@NullMarked
package kr.madang.bench;

import org.jspecify.annotations.NullMarked;
