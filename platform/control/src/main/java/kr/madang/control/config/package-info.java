/** Documents: located trees of YAML and JSON, and their binding to records. */
@NullMarked
package kr.madang.control.config;

import org.jspecify.annotations.NullMarked;
