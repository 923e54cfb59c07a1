/** The journals of a home whose runtime is not running, looked at and left as they are. */
@NullMarked
package kr.madang.control.archive;

import org.jspecify.annotations.NullMarked;
