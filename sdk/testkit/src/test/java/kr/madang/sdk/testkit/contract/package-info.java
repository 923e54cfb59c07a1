@org.jspecify.annotations.NullMarked
package kr.madang.sdk.testkit.contract;
