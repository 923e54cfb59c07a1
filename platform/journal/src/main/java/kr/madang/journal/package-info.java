/** A durable, ordered, bounded log of Arrow batches. */
@NullMarked
package kr.madang.journal;

import org.jspecify.annotations.NullMarked;
