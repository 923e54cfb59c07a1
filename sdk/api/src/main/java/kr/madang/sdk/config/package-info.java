/** Annotations on the components of a config record; the record is the whole declaration. */
@NullMarked
package kr.madang.sdk.config;

import org.jspecify.annotations.NullMarked;
