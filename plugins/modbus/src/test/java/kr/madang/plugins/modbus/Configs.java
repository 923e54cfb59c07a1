package kr.madang.plugins.modbus;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Configs with the defaults of the annotations. */
final class Configs {
  private Configs() {}

  static ModbusConfig config(int port, Register... registers) {
    return config(port, Duration.ofSeconds(5), 0, 125, registers);
  }

  static ModbusConfig config(
      int port, Duration timeout, int maxGap, int maxRegisters, Register... registers) {
    return new ModbusConfig(
        "127.0.0.1",
        port,
        Duration.ofSeconds(1),
        1,
        Optional.of(timeout),
        Order.BIG,
        Order.BIG,
        maxGap,
        maxRegisters,
        List.of(registers),
        Optional.empty());
  }

  static ModbusConfig fromFile(Path file, Register... registers) {
    return new ModbusConfig(
        "127.0.0.1",
        502,
        Duration.ofSeconds(1),
        1,
        Optional.empty(),
        Order.BIG,
        Order.BIG,
        0,
        125,
        List.of(registers),
        Optional.of(file));
  }

  static Register register(String tag, Table table, int address, Type type) {
    return register(tag, table, address, type, 1);
  }

  static Register register(String tag, Table table, int address, Type type, int unitId) {
    return new Builder(tag, Optional.of(table), String.valueOf(address))
        .type(type)
        .unitId(unitId)
        .build();
  }

  static Builder at(String tag, String reference) {
    return new Builder(tag, Optional.empty(), reference);
  }

  static Builder at(String tag, Table table, int address) {
    return new Builder(tag, Optional.of(table), String.valueOf(address));
  }

  static final class Builder {
    private final String tag;
    private final Optional<Table> table;
    private final String address;
    private Optional<Type> type = Optional.empty();
    private Optional<Integer> unitId = Optional.empty();
    private Optional<Order> byteOrder = Optional.empty();
    private Optional<Order> wordOrder = Optional.empty();
    private Optional<Integer> length = Optional.empty();
    private Optional<Integer> bit = Optional.empty();
    private double scale = 1;
    private double offset;

    Builder(String tag, Optional<Table> table, String address) {
      this.tag = tag;
      this.table = table;
      this.address = address;
    }

    Builder type(Type value) {
      type = Optional.of(value);
      return this;
    }

    Builder unitId(int value) {
      unitId = Optional.of(value);
      return this;
    }

    Builder orders(Order bytes, Order words) {
      byteOrder = Optional.of(bytes);
      wordOrder = Optional.of(words);
      return this;
    }

    Builder length(int value) {
      length = Optional.of(value);
      return this;
    }

    Builder bit(int value) {
      bit = Optional.of(value);
      return this;
    }

    Builder scaled(double by, double plus) {
      scale = by;
      offset = plus;
      return this;
    }

    Register build() {
      return new Register(
          tag, table, address, type, "", unitId, scale, offset, byteOrder, wordOrder, length, bit,
          "");
    }
  }
}
