/** The entry of a plugin and what the host gives to it. */
@NullMarked
package kr.madang.sdk;

import org.jspecify.annotations.NullMarked;
