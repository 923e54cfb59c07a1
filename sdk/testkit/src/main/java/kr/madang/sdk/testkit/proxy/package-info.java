/** A TCP proxy that misbehaves on demand, between a client and a server of a test. */
@NullMarked
package kr.madang.sdk.testkit.proxy;

import org.jspecify.annotations.NullMarked;
