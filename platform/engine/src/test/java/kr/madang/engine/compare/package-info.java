/** Tests of the comparison. */
package kr.madang.engine.compare;
