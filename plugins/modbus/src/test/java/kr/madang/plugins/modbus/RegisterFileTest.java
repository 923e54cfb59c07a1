package kr.madang.plugins.modbus;

import static kr.madang.plugins.modbus.Configs.at;
import static kr.madang.plugins.modbus.Configs.fromFile;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RegisterFileTest {
  private static final String HEADER =
      "tag,table,address,type,unit,unitId,scale,offset,byteOrder,wordOrder,length,bit,description";

  @TempDir Path folder;

  @Test
  void readsEveryColumn() throws Exception {
    Path file =
        write(
            HEADER
                + "\npump1/current,input,0,float32,A,3,0.5,1,little,big,,,\"current, rms\"\n"
                + "name,,40010,string,,,,,,,12,,\n"
                + "\nalarm,HOLDING,0x10,,,,,,,,,4,\n");

    assertThat(RegisterFile.read(file))
        .containsExactly(
            new Register(
                "pump1/current",
                Optional.of(Table.INPUT),
                "0",
                Optional.of(Type.FLOAT32),
                "A",
                Optional.of(3),
                0.5,
                1,
                Optional.of(Order.LITTLE),
                Optional.of(Order.BIG),
                Optional.empty(),
                Optional.empty(),
                "current, rms"),
            at("name", "40010").type(Type.STRING).length(12).build(),
            new Configs.Builder("alarm", Optional.of(Table.HOLDING), "0x10").bit(4).build());
  }

  @Test
  void columnsMayComeInAnyOrderAndAByteOrderMarkIsNoPartOfTheFirst() throws Exception {
    Path file = write("\uFEFFaddress,tag\r\n40001,a\r\n");

    assertThat(RegisterFile.read(file)).containsExactly(at("a", "40001").build());
  }

  @Test
  void theTagsOfTheFileFollowThoseOfTheConfig() throws Exception {
    ModbusConfig config =
        fromFile(write("tag,address,unit\nb,40002,bar\n"), at("a", "40001").build());

    assertThat(new ModbusSource().tags(config))
        .containsExactly(new Tag("a", "", ""), new Tag("b", "bar", ""));
  }

  @Test
  void everyMistakeNamesFileAndLine() throws Exception {
    refuses("", "header: expected tag,table,address,…, got an empty file");
    refuses("tag,adress\n", "line 1: header: expected only columns of tag,table,", "got 'adress'");
    refuses("tag,tag,address\n", "each column once, got tag twice");
    refuses("tag,table\n", "expected a column address, got none");
    refuses(
        "tag,address\na,40001\nb,40002,x\n", "line 3: expected 2 cells as in the header, got 3");
    refuses("tag,address\na\n", "line 2: expected 2 cells as in the header, got 1");
    refuses("tag,address\n,40001\n", "line 2: tag: expected a value, got none");
    refuses(
        "tag,address,type\na,40001,flaot32\n", "type: expected one of bool, int16", "'flaot32'");
    refuses("tag,address,unitId\na,40001,one\n", "unitId: expected a number, got 'one'");
    refuses("tag,address,scale\na,40001,\"0,5\"\n", "scale: expected a number, got '0,5'");
    refuses("tag,address\n\"multi\nline\",40001\n", "line 2: register 'multi\nline': tag name");
    refuses("tag,address\na,40001\n\n\na,40002\n", "each tag once, got a twice");
    refuses("tag,address\n", "expected at least one register, got none");
  }

  @Test
  void anotherEncodingIsRefused() throws Exception {
    Path file = folder.resolve("korean.csv");
    Files.write(file, "tag,address\n전류,40001\n".getBytes(Charset.forName("EUC-KR")));

    assertThatThrownBy(() -> RegisterFile.read(file)).hasMessageContaining("expected UTF-8");
  }

  @Test
  void aFileThatIsNotThereIsNamed() {
    assertThatThrownBy(() -> RegisterFile.read(folder.resolve("gone.csv")))
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.NOT_FOUND))
        .hasMessageContaining("gone.csv");
  }

  private void refuses(String text, String... parts) throws Exception {
    Path file = write(text);
    assertThatThrownBy(() -> fromFile(file).allRegisters())
        .isInstanceOfSatisfying(
            PluginException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID))
        .hasMessageContaining("tags.csv")
        .hasMessageContainingAll(parts);
  }

  private Path write(String text) throws Exception {
    return Files.writeString(folder.resolve("tags.csv"), text);
  }
}
