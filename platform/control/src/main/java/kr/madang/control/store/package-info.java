/** The state of control in SQLite. */
@NullMarked
package kr.madang.control.store;

import org.jspecify.annotations.NullMarked;
