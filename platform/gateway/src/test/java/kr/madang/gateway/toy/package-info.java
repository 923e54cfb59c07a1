/** A plugin for tests: a source that counts and a sink that forgets. */
@NullMarked
package kr.madang.gateway.toy;

import org.jspecify.annotations.NullMarked;
