@NullMarked
package kr.madang.journal;

import org.jspecify.annotations.NullMarked;
