package kr.madang.plugins.modbus;

import java.util.Optional;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.source.Tag;

/** One tag and where it is read. */
record Register(
    @Doc("Name of the tag") String tag,
    @Doc("Address space; may be left out where the address is a reference such as \"40001\"")
        Optional<Table> table,
    @Doc("With table: counted from 0, decimal or 0x; without: a reference of 5 or 6 digits")
        String address,
    @Doc("What the registers hold; bool for bits and uint16 for registers if left out")
        Optional<Type> type,
    @Doc("Engineering unit, as a UCUM code") @Default("''") String unit,
    @Doc("Unit id of the device behind this connection; that of the source if left out")
        Optional<Integer> unitId,
    @Doc("Value = raw * scale + offset") @Default("1") double scale,
    @Doc("Value = raw * scale + offset") @Default("0") double offset,
    @Doc("Which byte of a register comes first; that of the source if left out")
        Optional<Order> byteOrder,
    @Doc("Which register of a value comes first; that of the source if left out")
        Optional<Order> wordOrder,
    @Doc("Bytes of a string, two in each register") Optional<Integer> length,
    @Doc("Bit of a register, 0 is the least significant") Optional<Integer> bit,
    @Doc("One line for people") @Default("''") String description) {

  private static final int MAX_LENGTH = 250;

  /** Checks each component and how they fit together. */
  Register {
    try {
      Tag checked = new Tag(tag, unit, description);
      Address at = Address.parse(table, address);
      Type holds = typeOf(at.table(), type, bit);
      checkShape(at.table(), holds, length, bit);
      int id = unitId.orElse(0);
      check(id >= 0 && id <= 255, "unitId", "a number from 0 to 255", id);
      check(Double.isFinite(scale) && scale != 0, "scale", "a number other than 0", scale);
      check(Double.isFinite(offset), "offset", "a number", offset);
      boolean raw = scale == 1 && offset == 0;
      check(raw || holds.numeric(), "scale", "no scale and no offset with " + holds, scale);
      int last = at.offset() + width(at.table(), holds, length.orElse(0)) - 1;
      check(
          last <= 0xFFFF,
          "address",
          "a " + holds + " that ends at or before 65535",
          "its end at " + last);
      assert checked.name().equals(tag);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("register '" + tag + "': " + e.getMessage(), e);
    }
  }

  /** The place of this register. */
  Address at() {
    return Address.parse(table, address);
  }

  /** What this register holds. */
  Type holds() {
    return typeOf(at().table(), type, bit);
  }

  /** The number of addresses that this register takes. */
  int width() {
    return width(at().table(), holds(), length.orElse(0));
  }

  private static int width(Table table, Type type, int length) {
    if (table.bits()) {
      return 1;
    }
    return type == Type.STRING ? (length + 1) / 2 : type.registers();
  }

  private static Type typeOf(Table table, Optional<Type> type, Optional<Integer> bit) {
    return type.orElse(table.bits() || bit.isPresent() ? Type.BOOL : Type.UINT16);
  }

  private static void checkShape(
      Table table, Type type, Optional<Integer> length, Optional<Integer> bit) {
    if (table.bits()) {
      check(type == Type.BOOL, "type", "bool in table " + table, type);
      check(bit.isEmpty(), "bit", "none in table " + table, bit.orElse(0));
    } else if (type == Type.BOOL) {
      check(
          bit.isPresent() && bit.get() >= 0 && bit.get() <= 15,
          "bit",
          "a number from 0 to 15 for a bool in a register",
          bit.map(String::valueOf).orElse("none"));
    } else {
      check(bit.isEmpty(), "bit", "none with " + type, bit.orElse(0));
    }
    if (type == Type.STRING) {
      check(
          length.isPresent() && length.get() >= 1 && length.get() <= MAX_LENGTH,
          "length",
          "1 to " + MAX_LENGTH + " bytes for a string",
          length.map(String::valueOf).orElse("none"));
    } else {
      check(length.isEmpty(), "length", "none with " + type, length.orElse(0));
    }
  }

  private static void check(boolean holds, String field, String expected, Object got) {
    if (!holds) {
      throw new IllegalArgumentException(field + ": expected " + expected + ", got " + got);
    }
  }
}
