/** Where data goes out. */
@NullMarked
package kr.madang.sdk.sink;

import org.jspecify.annotations.NullMarked;
