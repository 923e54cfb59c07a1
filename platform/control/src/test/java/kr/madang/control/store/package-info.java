@NullMarked
package kr.madang.control.store;

import org.jspecify.annotations.NullMarked;
