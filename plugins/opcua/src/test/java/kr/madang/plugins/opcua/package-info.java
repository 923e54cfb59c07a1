@org.jspecify.annotations.NullMarked
package kr.madang.plugins.opcua;
