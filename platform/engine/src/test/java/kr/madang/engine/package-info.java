@org.jspecify.annotations.NullMarked
package kr.madang.engine;
