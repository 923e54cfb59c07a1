@NullMarked
package kr.madang.control.archive;

import org.jspecify.annotations.NullMarked;
