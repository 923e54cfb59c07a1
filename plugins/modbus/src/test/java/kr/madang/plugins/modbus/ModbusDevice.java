package kr.madang.plugins.modbus;

import com.digitalpetri.modbus.exceptions.ModbusResponseException;
import com.digitalpetri.modbus.exceptions.UnknownUnitIdException;
import com.digitalpetri.modbus.pdu.ReadCoilsRequest;
import com.digitalpetri.modbus.pdu.ReadCoilsResponse;
import com.digitalpetri.modbus.pdu.ReadDiscreteInputsRequest;
import com.digitalpetri.modbus.pdu.ReadDiscreteInputsResponse;
import com.digitalpetri.modbus.pdu.ReadHoldingRegistersRequest;
import com.digitalpetri.modbus.pdu.ReadHoldingRegistersResponse;
import com.digitalpetri.modbus.pdu.ReadInputRegistersRequest;
import com.digitalpetri.modbus.pdu.ReadInputRegistersResponse;
import com.digitalpetri.modbus.server.ModbusRequestContext;
import com.digitalpetri.modbus.server.ModbusServices;
import com.digitalpetri.modbus.server.ModbusTcpServer;
import com.digitalpetri.modbus.server.ProcessImage;
import com.digitalpetri.modbus.server.ReadOnlyModbusServices;
import com.digitalpetri.modbus.tcp.server.NettyTcpServerTransport;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** A real Modbus TCP server with units, registers, forbidden addresses and failures. */
final class ModbusDevice implements AutoCloseable {
  private final Map<Integer, ProcessImage> units = new ConcurrentHashMap<>();
  private final Set<Integer> forbidden = ConcurrentHashMap.newKeySet();
  private final Map<Integer, Integer> failing = new ConcurrentHashMap<>();
  private final AtomicInteger requests = new AtomicInteger();
  private final int port;
  private final ModbusTcpServer server;
  private volatile int longest = 125;

  private ModbusDevice() throws Exception {
    AtomicReference<Channel> bound = new AtomicReference<>();
    server =
        ModbusTcpServer.create(
            NettyTcpServerTransport.create(cfg -> {
              cfg.bindAddress = "127.0.0.1";
              cfg.port = 0;
              cfg.bootstrapCustomizer = bootstrap -> bootstrap.handler(keep(bound));
            }),
            new Services());
    server.start();
    port = ((InetSocketAddress) bound.get().localAddress()).getPort();
  }

  private static ChannelInitializer<Channel> keep(AtomicReference<Channel> channel) {
    return new ChannelInitializer<>() {
      @Override
      protected void initChannel(Channel created) {
        channel.set(created);
      }
    };
  }

  static ModbusDevice start() throws Exception {
    return new ModbusDevice();
  }

  int port() {
    return port;
  }

  /** Requests for registers so far. */
  int requests() {
    return requests.get();
  }

  /** Refuses requests for registers that touch this address. */
  void forbid(int address) {
    forbidden.add(address);
  }

  void allowAll() {
    forbidden.clear();
  }

  /** Refuses requests for more registers than this. */
  void longest(int registers) {
    longest = registers;
  }

  /** Lets a unit answer each request for registers by an exception. */
  void fail(int unit, int exceptionCode) {
    failing.put(unit, exceptionCode);
  }

  ModbusDevice unit(int unit) {
    image(unit);
    return this;
  }

  ModbusDevice holding(int unit, int address, int... words) {
    image(unit).with(tx -> tx.writeHoldingRegisters(map -> put(map, address, words)));
    return this;
  }

  ModbusDevice input(int unit, int address, int... words) {
    image(unit).with(tx -> tx.writeInputRegisters(map -> put(map, address, words)));
    return this;
  }

  ModbusDevice coil(int unit, int address, boolean on) {
    image(unit).with(tx -> tx.writeCoils(map -> map.put(address, on)));
    return this;
  }

  ModbusDevice discrete(int unit, int address, boolean on) {
    image(unit).with(tx -> tx.writeDiscreteInputs(map -> map.put(address, on)));
    return this;
  }

  private ProcessImage image(int unit) {
    return units.computeIfAbsent(unit, _ -> new ProcessImage());
  }

  private static void put(Map<Integer, byte[]> map, int address, int... words) {
    for (int i = 0; i < words.length; i++) {
      map.put(address + i, new byte[] {(byte) (words[i] >> 8), (byte) words[i]});
    }
  }

  @Override
  public void close() throws Exception {
    server.stop();
  }

  private final class Services implements ModbusServices {
    private final ReadOnlyModbusServices images =
        new ReadOnlyModbusServices() {
          @Override
          protected Optional<ProcessImage> getProcessImage(int unitId) {
            return Optional.ofNullable(units.get(unitId));
          }
        };

    private void check(int unit, int function, int address, int quantity)
        throws ModbusResponseException {
      requests.incrementAndGet();
      Integer failure = failing.get(unit);
      if (failure != null) {
        throw new ModbusResponseException(function, failure);
      }
      if (quantity > longest) {
        throw new ModbusResponseException(function, 3);
      }
      for (int i = 0; i < quantity; i++) {
        if (forbidden.contains(address + i)) {
          throw new ModbusResponseException(function, 2);
        }
      }
    }

    @Override
    public ReadHoldingRegistersResponse readHoldingRegisters(
        ModbusRequestContext context, int unit, ReadHoldingRegistersRequest request)
        throws ModbusResponseException, UnknownUnitIdException {
      check(unit, 3, request.address(), request.quantity());
      return images.readHoldingRegisters(context, unit, request);
    }

    @Override
    public ReadInputRegistersResponse readInputRegisters(
        ModbusRequestContext context, int unit, ReadInputRegistersRequest request)
        throws ModbusResponseException, UnknownUnitIdException {
      check(unit, 4, request.address(), request.quantity());
      return images.readInputRegisters(context, unit, request);
    }

    @Override
    public ReadCoilsResponse readCoils(
        ModbusRequestContext context, int unit, ReadCoilsRequest request)
        throws UnknownUnitIdException {
      return images.readCoils(context, unit, request);
    }

    @Override
    public ReadDiscreteInputsResponse readDiscreteInputs(
        ModbusRequestContext context, int unit, ReadDiscreteInputsRequest request)
        throws UnknownUnitIdException {
      return images.readDiscreteInputs(context, unit, request);
    }
  }
}
