/** Tests over real sockets. */
@NullMarked
package kr.madang.sdk.testkit.proxy;

import org.jspecify.annotations.NullMarked;
