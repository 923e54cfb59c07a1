package kr.madang.plugins.modbus;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where a tag begins.
 *
 * @param table the address space
 * @param offset the address as the protocol counts, from 0
 */
record Address(Table table, int offset) {
  private static final Pattern DECIMAL = Pattern.compile("[0-9]{1,5}");
  private static final Pattern HEX = Pattern.compile("0[xX][0-9a-fA-F]{1,4}");
  private static final Pattern REFERENCE = Pattern.compile("[0134]([0-9]{4}|[0-9]{5})");

  /**
   * Reads what a person wrote. With a table it is the address of the protocol, from 0, decimal or
   * {@code 0x} hexadecimal. Without, it is a reference of five or six digits: the first names the
   * table (4 holding, 3 input, 1 discrete, 0 coil), the others count from 1.
   */
  static Address parse(Optional<Table> table, String text) {
    return table.isPresent() ? inTable(table.get(), text) : reference(text);
  }

  private static Address inTable(Table table, String text) {
    int offset = -1;
    if (HEX.matcher(text).matches()) {
      offset = Integer.parseInt(text.substring(2), 16);
    } else if (DECIMAL.matcher(text).matches()) {
      offset = Integer.parseInt(text);
    }
    if (offset < 0 || offset > 0xFFFF) {
      throw new IllegalArgumentException(
          "address: expected a number from 0 to 65535, counted from 0 since table is given, got '"
              + text
              + "'");
    }
    return new Address(table, offset);
  }

  private static Address reference(String text) {
    if (REFERENCE.matcher(text).matches()) {
      int number = Integer.parseInt(text.substring(1));
      if (number >= 1 && number <= 0x1_0000) {
        return new Address(ofDigit(text.charAt(0) - '0'), number - 1);
      }
    }
    throw new IllegalArgumentException(
        "address: expected a reference such as \"40001\" or \"400001\" (4 holding, 3 input, 1"
            + " discrete, 0 coil; the rest counts from 1) since no table is given, got '"
            + text
            + "'; for an address counted from 0 say the table too");
  }

  private static Table ofDigit(int digit) {
    for (Table table : Table.values()) {
      if (table.digit() == digit) {
        return table;
      }
    }
    throw new IllegalArgumentException("no table has the digit " + digit);
  }

  /** A warning where an address was probably meant as a reference; else empty. */
  String hint() {
    int number = offset - table.digit() * 10_000;
    return table.digit() > 0 && number >= 1 && number <= 9_999
        ? " (with table: "
            + table
            + " the address "
            + offset
            + " counts from 0; leave table out if the reference "
            + offset
            + " is meant)"
        : "";
  }
}
