/** The steps that every pipeline can use without a plugin. */
@NullMarked
package kr.madang.engine.step;

import org.jspecify.annotations.NullMarked;
