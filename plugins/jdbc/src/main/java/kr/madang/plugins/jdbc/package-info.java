/** SQL databases: rows by a watermark column, and rows written once by the key of their stream. */
@NullMarked
package kr.madang.plugins.jdbc;

import org.jspecify.annotations.NullMarked;
