package kr.madang.plugins.simulator;

import com.digitalpetri.modbus.exceptions.ModbusResponseException;
import com.digitalpetri.modbus.pdu.ReadCoilsRequest;
import com.digitalpetri.modbus.pdu.ReadCoilsResponse;
import com.digitalpetri.modbus.pdu.ReadInputRegistersRequest;
import com.digitalpetri.modbus.pdu.ReadInputRegistersResponse;
import com.digitalpetri.modbus.pdu.WriteMultipleCoilsRequest;
import com.digitalpetri.modbus.pdu.WriteMultipleCoilsResponse;
import com.digitalpetri.modbus.pdu.WriteSingleCoilRequest;
import com.digitalpetri.modbus.pdu.WriteSingleCoilResponse;
import com.digitalpetri.modbus.server.ModbusRequestContext;
import com.digitalpetri.modbus.server.ModbusServices;
import java.nio.ByteBuffer;

/**
 * The register map of the plant. One request sees one instant.
 *
 * <p>Input registers: 0, 2 … 10 the six signals as float32, high word first; 12 plant time in ms as
 * uint32. Coils: one for each {@link Fault}.
 */
final class PlantRegisters implements ModbusServices {
  static final int TIME = 12;
  static final int REGISTERS = 14;

  private static final int ILLEGAL_ADDRESS = 2;

  private final RunningPlant plant;

  PlantRegisters(RunningPlant plant) {
    this.plant = plant;
  }

  @Override
  public ReadInputRegistersResponse readInputRegisters(
      ModbusRequestContext context, int unit, ReadInputRegistersRequest request)
      throws ModbusResponseException {
    check(request.getFunctionCode(), request.address(), request.quantity(), REGISTERS);
    Reading reading = plant.reading();
    ByteBuffer all = ByteBuffer.allocate(2 * REGISTERS);
    for (int signal = 0; signal < Reading.SIGNALS; signal++) {
      all.putFloat((float) reading.value(signal));
    }
    all.putInt((int) reading.millis());
    byte[] wanted = new byte[2 * request.quantity()];
    all.get(2 * request.address(), wanted);
    return new ReadInputRegistersResponse(wanted);
  }

  @Override
  public ReadCoilsResponse readCoils(
      ModbusRequestContext context, int unit, ReadCoilsRequest request)
      throws ModbusResponseException {
    Fault[] faults = Fault.values();
    check(request.getFunctionCode(), request.address(), request.quantity(), faults.length);
    byte bits = 0;
    for (int i = 0; i < request.quantity(); i++) {
      if (plant.isOn(faults[request.address() + i])) {
        bits |= (byte) (1 << i);
      }
    }
    return new ReadCoilsResponse(new byte[] {bits});
  }

  @Override
  public WriteSingleCoilResponse writeSingleCoil(
      ModbusRequestContext context, int unit, WriteSingleCoilRequest request)
      throws ModbusResponseException {
    check(request.getFunctionCode(), request.address(), 1, Fault.values().length);
    plant.set(Fault.values()[request.address()], request.value() != 0);
    return new WriteSingleCoilResponse(request.address(), request.value());
  }

  @Override
  public WriteMultipleCoilsResponse writeMultipleCoils(
      ModbusRequestContext context, int unit, WriteMultipleCoilsRequest request)
      throws ModbusResponseException {
    check(request.getFunctionCode(), request.address(), request.quantity(), Fault.values().length);
    for (int i = 0; i < request.quantity(); i++) {
      plant.set(
          Fault.values()[request.address() + i], (request.values()[i / 8] >> (i % 8) & 1) != 0);
    }
    return new WriteMultipleCoilsResponse(request.address(), request.quantity());
  }

  private static void check(int function, int address, int quantity, int present)
      throws ModbusResponseException {
    if (quantity < 1 || address + quantity > present) {
      throw new ModbusResponseException(function, ILLEGAL_ADDRESS);
    }
  }
}
