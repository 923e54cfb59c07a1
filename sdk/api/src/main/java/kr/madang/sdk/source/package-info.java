/** Where data comes in: one that you ask, one that tells you, one that remembers. */
@NullMarked
package kr.madang.sdk.source;

import org.jspecify.annotations.NullMarked;
