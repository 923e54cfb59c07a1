/** PF4J behind our words: installs, isolates, starts, stops and unloads plugins. */
@NullMarked
package kr.madang.host;

import org.jspecify.annotations.NullMarked;
