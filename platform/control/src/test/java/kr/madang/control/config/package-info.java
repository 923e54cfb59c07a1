@NullMarked
package kr.madang.control.config;

import org.jspecify.annotations.NullMarked;
