@org.jspecify.annotations.NullMarked
package kr.madang.plugins.kafka;
