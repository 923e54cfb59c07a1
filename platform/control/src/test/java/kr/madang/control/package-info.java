@NullMarked
package kr.madang.control;

import org.jspecify.annotations.NullMarked;
