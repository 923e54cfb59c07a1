@NullMarked
package kr.madang.engine.step;

import org.jspecify.annotations.NullMarked;
