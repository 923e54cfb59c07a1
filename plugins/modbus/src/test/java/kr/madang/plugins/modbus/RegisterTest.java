package kr.madang.plugins.modbus;

import static kr.madang.plugins.modbus.Configs.at;
import static kr.madang.plugins.modbus.Configs.config;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import kr.madang.plugins.modbus.Configs.Builder;
import org.junit.jupiter.api.Test;

class RegisterTest {
  @Test
  void theTypeMayBeLeftOut() {
    assertThat(at("a", "40001").build().holds()).isEqualTo(Type.UINT16);
    assertThat(at("a", "40001").bit(3).build().holds()).isEqualTo(Type.BOOL);
    assertThat(at("a", "10001").build().holds()).isEqualTo(Type.BOOL);
  }

  @Test
  void aStringTakesTwoBytesOfARegister() {
    assertThat(at("a", "40001").type(Type.STRING).length(7).build().width()).isEqualTo(4);
  }

  @Test
  void eachMisfitNamesTagFieldExpectedAndGot() {
    refuses(at("a", "10001").type(Type.INT16), "type: expected bool in table discrete, got int16");
    refuses(at("a", "00001").bit(1), "bit: expected none in table coil, got 1");
    refuses(at("a", "40001").type(Type.BOOL), "bit: expected a number from 0 to 15");
    refuses(at("a", "40001").bit(16), "got 16");
    refuses(at("a", "40001").type(Type.INT32).bit(1), "bit: expected none with int32, got 1");
    refuses(at("a", "40001").type(Type.STRING), "length: expected 1 to 250 bytes");
    refuses(at("a", "40001").length(4), "length: expected none with uint16, got 4");
    refuses(at("a", "40001").unitId(256), "unitId: expected a number from 0 to 255, got 256");
    refuses(at("a", "40001").scaled(0, 0), "scale: expected a number other than 0, got 0.0");
    refuses(at("a", "40001").scaled(1, Double.NaN), "offset: expected a number, got NaN");
    refuses(at("a", "40001").bit(1).scaled(2, 0), "scale: expected no scale and no offset");
    refuses(at("a", "465536").type(Type.FLOAT32), "its end at 65536");
    refuses(at("a", "hello"), "got 'hello'");
    assertThatThrownBy(at("", "40001")::build).hasMessageContaining("tag name");
  }

  @Test
  void aTagTwiceIsRefused() {
    assertThatThrownBy(() -> config(502, at("a", "40001").build(), at("a", "40002").build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("registers: expected each tag once, got a twice");
  }

  @Test
  void aConfigWithoutRegistersIsRefused() {
    assertThatThrownBy(() -> config(502)).hasMessageContaining("at least one register");
  }

  private static void refuses(Builder builder, String message) {
    assertThatThrownBy(builder::build)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith("register 'a': ")
        .hasMessageContaining(message);
  }
}
