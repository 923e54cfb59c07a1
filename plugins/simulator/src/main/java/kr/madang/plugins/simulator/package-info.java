/** A small simulated pump loop: in process, as a Modbus TCP device, or as a CSV file. */
@NullMarked
package kr.madang.plugins.simulator;

import org.jspecify.annotations.NullMarked;
