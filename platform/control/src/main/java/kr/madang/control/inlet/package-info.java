/** Where rows that are sent from outside enter pipelines. */
@NullMarked
package kr.madang.control.inlet;

import org.jspecify.annotations.NullMarked;
