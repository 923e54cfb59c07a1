@NullMarked
package kr.madang.plugins.modbus;

import org.jspecify.annotations.NullMarked;
