package kr.madang.gateway;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;

/** A collector that reads the protobuf of OTLP by the field numbers of its proto files. */
final class Collector implements AutoCloseable {
  final List<Span> spans = new CopyOnWriteArrayList<>();
  final Map<String, Object> resource = new TreeMap<>();
  private final HttpServer server;

  /** A span as it came. */
  record Span(
      String trace,
      String id,
      String parent,
      String name,
      int kind,
      long start,
      long end,
      int status,
      Map<String, Object> attributes) {}

  Collector() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
    server.createContext("/v1/traces", this::take);
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  List<Span> below(Span parent) {
    return spans.stream().filter(span -> span.parent().equals(parent.id())).toList();
  }

  private void take(HttpExchange exchange) throws IOException {
    int status = 200;
    try (exchange) {
      InputStream body = exchange.getRequestBody();
      boolean packed = "gzip".equals(exchange.getRequestHeaders().getFirst("Content-Encoding"));
      byte[] bytes = (packed ? new GZIPInputStream(body) : body).readAllBytes();
      if (!"application/x-protobuf".equals(exchange.getRequestHeaders().getFirst("Content-Type"))) {
        status = 415;
      } else {
        each(bytes, (field, in) -> resourceSpans(in.readByteArray()));
      }
      exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
      exchange.sendResponseHeaders(status, -1);
    }
  }

  /** Reads a field; has to read it whole. */
  @FunctionalInterface
  private interface Field {
    void read(int number, CodedInputStream in) throws IOException;
  }

  private static void each(byte[] message, Field field) {
    try {
      CodedInputStream in = CodedInputStream.newInstance(new ByteArrayInputStream(message));
      for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
        field.read(WireFormat.getTagFieldNumber(tag), in);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void resourceSpans(byte[] message) {
    each(
        message,
        (field, in) -> {
          switch (field) {
            case 1 ->
                each(
                    in.readByteArray(),
                    (number, of) -> {
                      if (number == 1) {
                        attribute(of.readByteArray(), resource);
                      } else {
                        of.skipField(of.getLastTag());
                      }
                    });
            case 2 ->
                each(
                    in.readByteArray(),
                    (number, of) -> {
                      if (number == 2) {
                        spans.add(span(of.readByteArray()));
                      } else {
                        of.skipField(of.getLastTag());
                      }
                    });
            default -> in.skipField(in.getLastTag());
          }
        });
  }

  private static Span span(byte[] message) {
    String[] ids = {"", "", ""};
    String[] name = {""};
    int[] kind = {0};
    long[] times = {0, 0};
    int[] status = {0};
    Map<String, Object> attributes = new TreeMap<>();
    each(
        message,
        (field, in) -> {
          switch (field) {
            case 1 -> ids[0] = HexFormat.of().formatHex(in.readByteArray());
            case 2 -> ids[1] = HexFormat.of().formatHex(in.readByteArray());
            case 4 -> ids[2] = HexFormat.of().formatHex(in.readByteArray());
            case 5 -> name[0] = in.readStringRequireUtf8();
            case 6 -> kind[0] = in.readEnum();
            case 7 -> times[0] = in.readFixed64();
            case 8 -> times[1] = in.readFixed64();
            case 9 -> attribute(in.readByteArray(), attributes);
            case 15 ->
                each(
                    in.readByteArray(),
                    (number, of) -> {
                      if (number == 3) {
                        status[0] = of.readEnum();
                      } else {
                        of.skipField(of.getLastTag());
                      }
                    });
            default -> in.skipField(in.getLastTag());
          }
        });
    return new Span(
        ids[0], ids[1], ids[2], name[0], kind[0], times[0], times[1], status[0], attributes);
  }

  private static void attribute(byte[] message, Map<String, Object> to) {
    String[] key = {""};
    Object[] value = {""};
    each(
        message,
        (field, in) -> {
          if (field == 1) {
            key[0] = in.readStringRequireUtf8();
          } else {
            each(
                in.readByteArray(),
                (number, of) -> {
                  switch (number) {
                    case 1 -> value[0] = of.readStringRequireUtf8();
                    case 2 -> value[0] = of.readBool();
                    case 3 -> value[0] = of.readInt64();
                    default -> of.skipField(of.getLastTag());
                  }
                });
          }
        });
    to.put(key[0], value[0]);
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
