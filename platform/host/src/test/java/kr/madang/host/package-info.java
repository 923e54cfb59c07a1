@NullMarked
package kr.madang.host;

import org.jspecify.annotations.NullMarked;
