package kr.madang.plugins.modbus;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** One connection to a device or a gateway, and what to read over it. */
record ModbusConfig(
    @Doc("Host name or address of the device or gateway") String host,
    @Doc("TCP port") @Default("502") @Range(min = 1, max = 65535) int port,
    @Doc("Time between the starts of two rounds; 0 means no pause") @Default("1s") Duration every,
    @Doc("Unit id of the device; 255 or 0 for many that are no gateway")
        @Default("1")
        @Range(min = 0, max = 255)
        int unitId,
    @Doc("How long one answer may take; that of the pipeline if left out")
        Optional<Duration> timeout,
    @Doc("Which byte of a register comes first") @Default("big") Order byteOrder,
    @Doc("Which register of a value comes first") @Default("big") Order wordOrder,
    @Doc("Registers nobody asked for that may be read over to save a request")
        @Default("0")
        @Range(min = 0, max = 123)
        int maxGap,
    @Doc("Registers read by one request; some devices allow fewer than the protocol")
        @Default("125")
        @Range(min = 1, max = 125)
        int maxRegistersPerRequest,
    @Doc("Tags and where they are read") @Default("[]") List<Register> registers,
    @Doc("A CSV file with more of them, one a line") Optional<Path> registersFile) {

  private static final Duration MAX_TIMEOUT = Duration.ofMinutes(5);

  /** Checks each component. */
  ModbusConfig {
    registers = List.copyOf(registers);
    check(!host.isBlank(), "host", "a host name or address", "nothing");
    check(port >= 1 && port <= 65535, "port", "a number from 1 to 65535", port);
    check(!every.isNegative(), "every", "a time of 0 or more", every);
    check(unitId >= 0 && unitId <= 255, "unitId", "a number from 0 to 255", unitId);
    if (timeout.isPresent()) {
      Duration limit = timeout.get();
      check(
          limit.toMillis() >= 1 && limit.compareTo(MAX_TIMEOUT) <= 0,
          "timeout",
          "a time from 1 ms to 5 min",
          limit);
    }
    check(maxGap >= 0 && maxGap <= 123, "maxGap", "a number from 0 to 123", maxGap);
    check(
        maxRegistersPerRequest >= 1 && maxRegistersPerRequest <= 125,
        "maxRegistersPerRequest",
        "a number from 1 to 125",
        maxRegistersPerRequest);
    check(
        registersFile.isPresent() || !registers.isEmpty(),
        "registers",
        "at least one register, here or in registersFile",
        "none");
    checkNames(registers);
  }

  private static void check(boolean holds, String field, String expected, Object got) {
    if (!holds) {
      throw new IllegalArgumentException(field + ": expected " + expected + ", got " + got);
    }
  }

  private static void checkNames(List<Register> registers) {
    Set<String> names = new HashSet<>();
    for (Register register : registers) {
      check(names.add(register.tag()), "registers", "each tag once", register.tag() + " twice");
    }
  }

  /** The registers written here and those of the file, which is read at each call. */
  List<Register> allRegisters() {
    if (registersFile.isEmpty()) {
      return registers;
    }
    List<Register> all = new ArrayList<>(registers);
    all.addAll(RegisterFile.read(registersFile.get()));
    try {
      check(!all.isEmpty(), "registersFile", "at least one register", "none");
      checkNames(all);
    } catch (IllegalArgumentException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID, registersFile.get() + ": " + e.getMessage(), e);
    }
    return all;
  }

  /** The device as people call it. */
  String target() {
    return (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":" + port;
  }
}
