package kr.madang.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;

/** Makes good requests bad, in as many ways as its seed gives. */
final class Damage {
  private static final byte[] LIKELY = "[]{}:,\"0-.eE\\utn".getBytes(StandardCharsets.US_ASCII);
  private static final int SHORT_MILLIS = 5_000;

  private final Random random;

  Damage(long seed) {
    random = new Random(seed);
  }

  int below(int bound) {
    return random.nextInt(bound);
  }

  /** Bytes changed, cut off, put in or said twice. */
  byte[] of(byte[] good) {
    byte[] bad = good.clone();
    for (int changes = 1 + random.nextInt(5); changes > 0; changes--) {
      int at = random.nextInt(bad.length);
      switch (random.nextInt(8)) {
        case 0 -> bad = Arrays.copyOf(bad, at + 1);
        case 1 -> {
          byte[] longer = Arrays.copyOf(bad, bad.length + 1 + random.nextInt(40));
          System.arraycopy(bad, at, longer, longer.length - (bad.length - at), bad.length - at);
          bad = longer;
        }
        case 2 -> bad[at] ^= (byte) (1 << random.nextInt(8));
        case 3, 4 -> bad[at] = (byte) random.nextInt();
        default -> bad[at] = LIKELY[random.nextInt(LIKELY.length)];
      }
    }
    return bad;
  }

  /** What claims to be HTTP/1.1 and is not, or stops in the middle. */
  byte[] head(String token, String path) {
    String good =
        "POST %s HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\n".formatted(path, token);
    String bad =
        switch (random.nextInt(8)) {
          case 0 -> good + "Content-Length: -1\r\n\r\n";
          case 1 -> good + "Content-Length: 99999999999999999999\r\n\r\n{";
          case 2 -> good + "Content-Length: 400\r\n\r\n{\"inputs\":[";
          case 3 -> good + "Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n";
          case 4 -> good + "Transfer-Encoding: chunked\r\n\r\nffffffffffff\r\n{}\r\n";
          case 5 -> good + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}";
          case 6 -> good + "X: " + "y".repeat(random.nextInt(40_000)) + "\r\n\r\n";
          default ->
              new String(
                  of((good + "Content-Length: 2\r\n\r\n{}").getBytes(StandardCharsets.US_ASCII)),
                  StandardCharsets.ISO_8859_1);
        };
    return bad.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** What claims to be HTTP/2 and is not. */
  byte[] frames() {
    byte[] preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
    byte[] rest = new byte[random.nextInt(300)];
    random.nextBytes(rest);
    byte[] all = Arrays.copyOf(preface, preface.length + rest.length);
    System.arraycopy(rest, 0, all, preface.length, rest.length);
    return random.nextInt(4) == 0 ? of(all) : all;
  }

  /**
   * Sends bytes, says that no more will come, and reads a little of what is answered.
   *
   * @return its first line; empty if there was none
   */
  static String send(int port, byte[] bytes) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(SHORT_MILLIS);
      OutputStream out = socket.getOutputStream();
      out.write(bytes);
      out.flush();
      socket.shutdownOutput();
      StringBuilder line = new StringBuilder();
      InputStream in = socket.getInputStream();
      for (int next = in.read(); next >= 0 && next != '\r'; next = in.read()) {
        line.append((char) next);
      }
      return line.toString();
    } catch (IOException e) {
      return "";
    }
  }
}
