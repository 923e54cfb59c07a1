/** A plugin for tests: a source that counts and a sink that forgets. */
@NullMarked
package kr.madang.e2e.toy;

import org.jspecify.annotations.NullMarked;
