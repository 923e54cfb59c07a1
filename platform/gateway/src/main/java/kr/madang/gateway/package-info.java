/** Every socket of the admin API: parse, one call on control, render. */
@NullMarked
package kr.madang.gateway;

import org.jspecify.annotations.NullMarked;
