import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;

/** The two Modbus TCP requests that the story needs. */
final class Modbus implements AutoCloseable {
  private static final int TIME_OUT = 5_000;

  private final Socket socket = new Socket();
  private int transaction;

  Modbus(int port) throws IOException {
    socket.connect(new InetSocketAddress("127.0.0.1", port), TIME_OUT);
    socket.setSoTimeout(TIME_OUT);
    socket.setTcpNoDelay(true);
  }

  /** Writes one coil (function 5). */
  synchronized void coil(int address, boolean on) throws IOException {
    exchange(5, address, on ? 0xFF00 : 0);
  }

  /** Reads a uint32 of two input registers (function 4). */
  synchronized long number(int address) throws IOException {
    byte[] answer = exchange(4, address, 2);
    long value = 0;
    for (int i = 1; i <= 4; i++) {
      value = value << 8 | answer[i] & 0xFF;
    }
    return value;
  }

  private byte[] exchange(int function, int address, int value) throws IOException {
    transaction = transaction + 1 & 0xFFFF;
    DataOutputStream out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
    out.writeShort(transaction);
    out.writeShort(0);
    out.writeShort(6);
    out.writeByte(1);
    out.writeByte(function);
    out.writeShort(address);
    out.writeShort(value);
    out.flush();
    DataInputStream in = new DataInputStream(socket.getInputStream());
    in.readInt();
    byte[] body = new byte[in.readUnsignedShort()];
    in.readFully(body);
    if (body[1] != function) {
      throw new IOException("the plant refused function " + function + " at " + address);
    }
    byte[] data = new byte[body.length - 2];
    System.arraycopy(body, 2, data, 0, data.length);
    return data;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
