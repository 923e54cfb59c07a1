@NullMarked
package kr.madang.inference;

import org.jspecify.annotations.NullMarked;
