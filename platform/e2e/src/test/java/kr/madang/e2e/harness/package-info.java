/**
 * A plugin for tests: sources whose rows are numbers, and a sink that waits for acknowledgement.
 */
@NullMarked
package kr.madang.e2e.harness;

import org.jspecify.annotations.NullMarked;
