package kr.madang.plugins.modbus;

import com.digitalpetri.modbus.FunctionCode;
import com.digitalpetri.modbus.pdu.ReadCoilsRequest;
import com.digitalpetri.modbus.pdu.ReadDiscreteInputsRequest;
import com.digitalpetri.modbus.pdu.ReadHoldingRegistersRequest;
import com.digitalpetri.modbus.pdu.ReadInputRegistersRequest;
import java.nio.ByteBuffer;
import java.util.Locale;

/** One of the four address spaces of a device. */
enum Table {
  /** Read-write registers, 4xxxx. */
  HOLDING(FunctionCode.READ_HOLDING_REGISTERS, 4),
  /** Read-only registers, 3xxxx. */
  INPUT(FunctionCode.READ_INPUT_REGISTERS, 3),
  /** Read-write bits, 0xxxx. */
  COIL(FunctionCode.READ_COILS, 0),
  /** Read-only bits, 1xxxx. */
  DISCRETE(FunctionCode.READ_DISCRETE_INPUTS, 1);

  private final FunctionCode function;
  private final int digit;

  Table(FunctionCode function, int digit) {
    this.function = function;
    this.digit = digit;
  }

  /** The code of the function that reads this table. */
  int function() {
    return function.getCode();
  }

  /** The first digit of a reference into this table. */
  int digit() {
    return digit;
  }

  /** Whether an address of this table names a bit, not a register. */
  boolean bits() {
    return this == COIL || this == DISCRETE;
  }

  /** Writes the request that reads a range of this table, without the header. */
  void encode(int start, int count, ByteBuffer to) {
    switch (this) {
      case HOLDING ->
          ReadHoldingRegistersRequest.Serializer.encode(
              new ReadHoldingRegistersRequest(start, count), to);
      case INPUT ->
          ReadInputRegistersRequest.Serializer.encode(
              new ReadInputRegistersRequest(start, count), to);
      case COIL -> ReadCoilsRequest.Serializer.encode(new ReadCoilsRequest(start, count), to);
      case DISCRETE ->
          ReadDiscreteInputsRequest.Serializer.encode(
              new ReadDiscreteInputsRequest(start, count), to);
    }
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
