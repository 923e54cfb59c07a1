/** What happens to data between a source and a sink. */
@NullMarked
package kr.madang.sdk.transform;

import org.jspecify.annotations.NullMarked;
