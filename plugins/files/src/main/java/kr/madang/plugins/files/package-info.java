/** CSV, Parquet and Arrow files as a source and as a sink. */
@NullMarked
package kr.madang.plugins.files;

import org.jspecify.annotations.NullMarked;
