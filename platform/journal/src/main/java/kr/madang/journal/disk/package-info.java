/** What the journal needs of a file system, and three that have it. */
@NullMarked
package kr.madang.journal.disk;

import org.jspecify.annotations.NullMarked;
