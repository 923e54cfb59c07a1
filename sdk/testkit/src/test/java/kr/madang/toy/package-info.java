/**
 * A small far side, plugins that are right, and for each clause of a contract one that is wrong.
 */
@NullMarked
package kr.madang.toy;

import org.jspecify.annotations.NullMarked;
