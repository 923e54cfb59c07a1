/** The roof: command line, configuration, and every {@code new} of the platform. */
@NullMarked
package kr.madang.launcher;

import org.jspecify.annotations.NullMarked;
