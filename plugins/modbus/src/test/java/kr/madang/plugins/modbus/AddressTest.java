package kr.madang.plugins.modbus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
  @ParameterizedTest
  @CsvSource({
    "40001, HOLDING, 0",
    "49999, HOLDING, 9998",
    "400001, HOLDING, 0",
    "465536, HOLDING, 65535",
    "30010, INPUT, 9",
    "10002, DISCRETE, 1",
    "00001, COIL, 0",
    "000017, COIL, 16"
  })
  void aReferenceCountsFromOneAndNamesItsTable(String text, Table table, int offset) {
    assertThat(Address.parse(Optional.empty(), text)).isEqualTo(new Address(table, offset));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"0", "40000", "400000", "465537", "20001", "4001", "4000001", "-40001", "x", ""})
  void whatIsNoReferenceIsRefused(String text) {
    assertThatThrownBy(() -> Address.parse(Optional.empty(), text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("address: expected a reference")
        .hasMessageContaining("got '" + text + "'");
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "40001, 40001", "65535, 65535", "0x10, 16", "0xFFFF, 65535", "007, 7"})
  void withATableTheAddressCountsFromZero(String text, int offset) {
    for (Table table : Table.values()) {
      assertThat(Address.parse(Optional.of(table), text)).isEqualTo(new Address(table, offset));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"65536", "400001", "-1", "1.5", "0x10000", "x", ""})
  void withATableAnAddressBeyondTheProtocolIsRefused(String text) {
    assertThatThrownBy(() -> Address.parse(Optional.of(Table.HOLDING), text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("from 0 to 65535")
        .hasMessageContaining("got '" + text + "'");
  }

  @ParameterizedTest
  @CsvSource({
    "HOLDING, 40001, true",
    "INPUT, 30001, true",
    "HOLDING, 30001, false",
    "COIL, 5, false"
  })
  void anAddressThatLooksLikeAReferenceIsHintedAt(Table table, int offset, boolean hinted) {
    assertThat(new Address(table, offset).hint().contains(table.name().toLowerCase(Locale.ROOT)))
        .isEqualTo(hinted);
  }
}
