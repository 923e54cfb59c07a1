/** Reads the registers of Modbus TCP devices. */
@NullMarked
package kr.madang.plugins.modbus;

import org.jspecify.annotations.NullMarked;
