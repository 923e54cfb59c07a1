@NullMarked
package kr.madang.gateway.trace;

import org.jspecify.annotations.NullMarked;
