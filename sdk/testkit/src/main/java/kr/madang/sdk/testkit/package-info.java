/** Doubles and checks for the tests of plugins and of the platform. */
@NullMarked
package kr.madang.sdk.testkit;

import org.jspecify.annotations.NullMarked;
