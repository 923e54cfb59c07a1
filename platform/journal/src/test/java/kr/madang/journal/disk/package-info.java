@NullMarked
package kr.madang.journal.disk;

import org.jspecify.annotations.NullMarked;
