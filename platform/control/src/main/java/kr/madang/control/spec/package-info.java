/** Pipeline documents and model declarations as records, before any name is looked up. */
@NullMarked
package kr.madang.control.spec;

import org.jspecify.annotations.NullMarked;
