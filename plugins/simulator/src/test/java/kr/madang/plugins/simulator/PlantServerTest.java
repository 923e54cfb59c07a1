package kr.madang.plugins.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.digitalpetri.modbus.client.ModbusTcpClient;
import com.digitalpetri.modbus.exceptions.ModbusResponseException;
import com.digitalpetri.modbus.pdu.ReadCoilsRequest;
import com.digitalpetri.modbus.pdu.ReadInputRegistersRequest;
import com.digitalpetri.modbus.pdu.WriteMultipleCoilsRequest;
import com.digitalpetri.modbus.pdu.WriteSingleCoilRequest;
import com.digitalpetri.modbus.tcp.client.NettyTcpClientTransport;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import kr.madang.sdk.testkit.Await;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PlantServerTest {
  private PlantServer server;
  private ModbusTcpClient client;

  @BeforeEach
  void connect() throws Exception {
    server = PlantServer.start("127.0.0.1", 0, 4, 100, List.of());
    client =
        ModbusTcpClient.create(
            NettyTcpClientTransport.create(
                config -> config.setHostname("127.0.0.1").setPort(server.port())));
    client.connect();
  }

  @AfterEach
  void disconnect() throws Exception {
    client.disconnect();
    server.close();
  }

  @Test
  void theRegistersHoldWhatThePlantOfThisSeedShowsAtThisTime() throws Exception {
    ByteBuffer registers = read(0, PlantRegisters.REGISTERS);
    Reading expected = new Plant(4, List.of()).advanceTo(registers.getInt(2 * PlantRegisters.TIME));

    for (int signal = 0; signal < Reading.SIGNALS; signal++) {
      assertThat(registers.getFloat(4 * signal)).isEqualTo((float) expected.value(signal));
    }
  }

  @Test
  void plantTimeRunsOn() throws Exception {
    int before = read(PlantRegisters.TIME, 2).getInt(0);

    Await.until("plant time moved", () -> read(PlantRegisters.TIME, 2).getInt(0) > before);
  }

  @Test
  void aCoilSwitchesAFaultOnAndOff() throws Exception {
    client.writeSingleCoil(1, new WriteSingleCoilRequest(Fault.BLOCKED_VALVE.ordinal(), true));
    assertThat(coils()).isEqualTo(0b100);

    Reading healthy = healthyNow(read(0, PlantRegisters.REGISTERS));
    Await.until(
        "less flow than a healthy plant",
        () -> {
          ByteBuffer now = read(0, PlantRegisters.REGISTERS);
          return now.getFloat(8) < healthyNow(now).flow() - 0.3;
        });
    assertThat(healthy.flow()).isPositive();

    client.writeSingleCoil(1, new WriteSingleCoilRequest(Fault.BLOCKED_VALVE.ordinal(), false));
    assertThat(coils()).isZero();
  }

  @Test
  void severalCoilsAreWrittenAtOnce() throws Exception {
    client.writeMultipleCoils(1, new WriteMultipleCoilsRequest(0, 3, new byte[] {0b011}));

    assertThat(coils()).isEqualTo(0b011);
  }

  @Test
  void registersAndCoilsThatDoNotExistAreAnIllegalAddress() {
    assertThatThrownBy(() -> read(PlantRegisters.REGISTERS - 1, 2))
        .isInstanceOfSatisfying(
            ModbusResponseException.class, e -> assertThat(e.getExceptionCode()).isEqualTo(2));
    assertThatThrownBy(() -> client.writeSingleCoil(1, new WriteSingleCoilRequest(3, true)))
        .isInstanceOfSatisfying(
            ModbusResponseException.class, e -> assertThat(e.getExceptionCode()).isEqualTo(2));
  }

  @Test
  void aPortThatIsTakenIsAnErrorThatNamesIt() {
    assertThatThrownBy(() -> PlantServer.start("127.0.0.1", server.port(), 1, 1, List.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot listen on 127.0.0.1:" + server.port());
  }

  @Test
  void aClosedPlantFreesItsPortForTheNext() throws Exception {
    int port = server.port();
    server.close();

    server = PlantServer.start("127.0.0.1", port, 4, 100, List.of());
    assertThat(server.port()).isEqualTo(port);
  }

  private static Reading healthyNow(ByteBuffer registers) {
    return new Plant(4, List.of()).advanceTo(registers.getInt(2 * PlantRegisters.TIME));
  }

  private int coils() throws Exception {
    return client.readCoils(1, new ReadCoilsRequest(0, 3)).coils()[0];
  }

  private ByteBuffer read(int address, int quantity) throws Exception {
    return ByteBuffer.wrap(
        client.readInputRegisters(1, new ReadInputRegistersRequest(address, quantity)).registers());
  }
}
