/** What went wrong, whose move it is, and whether to try again. */
@NullMarked
package kr.madang.sdk.error;

import org.jspecify.annotations.NullMarked;
