package kr.madang.e2e.harness;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.sink.Sink;
import kr.madang.sdk.sink.SinkContext;
import org.apache.arrow.vector.Float8Vector;
import org.jspecify.annotations.Nullable;

/**
 * Sends rows as lines, {@code STREAM EPOCH SEQUENCE NUMBER}, and after each batch {@code ? ROWS
 * CRC}; the peer answers {@code ok LAST-SEQUENCE} once it has them for good.
 */
final class PeerSink implements Sink {
  private final HarnessPlugin.Peer config;
  private final Socket socket;
  private final BufferedReader answers;

  PeerSink(HarnessPlugin.Peer config, SinkContext context) throws IOException {
    this.config = config;
    int millis = (int) context.timeout().toMillis();
    socket = new Socket();
    try {
      socket.connect(
          new InetSocketAddress(InetAddress.getLoopbackAddress(), config.port()), millis);
      socket.setSoTimeout(millis);
      socket.setTcpNoDelay(true);
      answers =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
    } catch (IOException e) {
      socket.close();
      throw new PluginException(ErrorCode.UNREACHABLE, "peer at port " + config.port(), e);
    }
  }

  @Override
  public void write(Batch batch) {
    int rows = batch.rows();
    if (rows == 0) {
      return;
    }
    Samples samples = Samples.matches(batch.schema()) ? Samples.of(batch) : null;
    Float8Vector field =
        samples == null ? (Float8Vector) batch.root().getVector(config.field()) : null;
    String key = (batch.stream().isEmpty() ? "-" : batch.stream()) + " " + batch.epoch() + " ";
    StringBuilder text = new StringBuilder(rows * 64);
    for (int row = 0; row < rows; row++) {
      text.append(key)
          .append(batch.sequence() + row)
          .append(' ')
          .append(number(samples, field, row));
      text.append('\n');
    }
    byte[] lines = text.toString().getBytes(StandardCharsets.UTF_8);
    CRC32C sum = new CRC32C();
    sum.update(lines);
    byte[] question =
        ("? " + rows + " " + sum.getValue() + "\n").getBytes(StandardCharsets.US_ASCII);
    String expected = "ok " + (batch.sequence() + rows - 1);
    try {
      socket.getOutputStream().write(lines);
      socket.getOutputStream().write(question);
      String answer = answers.readLine();
      if (answer == null) {
        throw new PluginException(ErrorCode.UNREACHABLE, "the peer closed the connection");
      }
      if (!answer.equals(expected)) {
        throw new PluginException(
            ErrorCode.PROTOCOL, "expected '" + expected + "', got '" + answer + "'");
      }
    } catch (SocketTimeoutException e) {
      throw new PluginException(ErrorCode.TIMEOUT, "no answer of the peer", e);
    } catch (IOException e) {
      throw new PluginException(ErrorCode.UNREACHABLE, "the peer is gone", e);
    }
  }

  private static double number(@Nullable Samples samples, @Nullable Float8Vector field, int row) {
    if (samples != null) {
      return samples.hasValue(row) ? samples.value(row) : Double.NaN;
    }
    return field == null || field.isNull(row) ? Double.NaN : field.get(row);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
