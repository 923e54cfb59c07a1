@NullMarked
package kr.madang.control.spec;

import org.jspecify.annotations.NullMarked;
