/** What is expected of every plugin; a test of it extends the contract of its kind. */
@NullMarked
package kr.madang.sdk.testkit.contract;

import org.jspecify.annotations.NullMarked;
