package kr.madang.bench;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;

/** A device that answers every read of registers, in a process of its own; one thread a client. */
public final class ModbusPeer {
  private ModbusPeer() {}

  /** Prints its port and its id, and ends with its standard input. */
  public static void main(String[] args) throws IOException {
    try (ServerSocket server = new ServerSocket(0, 1000, InetAddress.getLoopbackAddress())) {
      System.out.println(server.getLocalPort() + " " + ProcessHandle.current().pid());
      Thread.ofPlatform()
          .daemon()
          .start(() -> {
            while (true) {
              try {
                Socket socket = server.accept();
                socket.setTcpNoDelay(true);
                Thread.ofVirtual().start(() -> serve(socket));
              } catch (IOException e) {
                return;
              }
            }
          });
      System.in.read();
    }
  }

  private static void serve(Socket socket) {
    try (socket;
        DataInputStream in = new DataInputStream(socket.getInputStream());
        OutputStream out = socket.getOutputStream()) {
      byte[] request = new byte[12];
      while (true) {
        in.readFully(request);
        int registers = (request[10] & 0xff) << 8 | request[11] & 0xff;
        byte[] answer = new byte[9 + 2 * registers];
        System.arraycopy(request, 0, answer, 0, 8);
        answer[4] = (byte) (3 + 2 * registers >> 8);
        answer[5] = (byte) (3 + 2 * registers);
        answer[8] = (byte) (2 * registers);
        out.write(answer);
      }
    } catch (IOException _) {
      // The client has gone.
    }
  }
}
