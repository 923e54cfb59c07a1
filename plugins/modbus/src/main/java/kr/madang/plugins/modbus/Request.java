package kr.madang.plugins.modbus;

import com.digitalpetri.modbus.MbapHeader;
import java.nio.ByteBuffer;
import java.util.List;
import kr.madang.sdk.batch.SampleWriter;

/** Neighbouring points of one table of one unit that are read at once. */
final class Request {
  /** Bytes of a request: a header of seven, the function, the address and the count. */
  static final int FRAME = 12;

  private final List<Point> points;
  private final int start;
  private final int count;
  private final byte[] frame = new byte[FRAME];

  /** The points lie in one table of one unit, in the order of their addresses. */
  Request(List<Point> points) {
    this.points = List.copyOf(points);
    start = points.getFirst().start();
    int end = start;
    for (Point point : points) {
      end = Math.max(end, point.end());
    }
    count = end - start;
    ByteBuffer to = ByteBuffer.wrap(frame);
    MbapHeader.Serializer.encode(new MbapHeader(0, 0, FRAME - 6, unitId()), to);
    table().encode(start, count, to);
  }

  Table table() {
    return points.getFirst().table();
  }

  int unitId() {
    return points.getFirst().unitId();
  }

  int start() {
    return start;
  }

  int count() {
    return count;
  }

  List<Point> points() {
    return points;
  }

  /** The bytes to send, with a transaction id of 0. */
  byte[] frame() {
    return frame;
  }

  /** The number of bytes of values that the answer must have. */
  int answerBytes() {
    return table().bits() ? (count + 7) / 8 : 2 * count;
  }

  void write(byte[] answer, int data, SampleWriter out) {
    for (int i = 0; i < points.size(); i++) {
      points.get(i).write(answer, data, start, out);
    }
  }

  void bad(int status, SampleWriter out) {
    for (int i = 0; i < points.size(); i++) {
      points.get(i).bad(status, out);
    }
  }

  /** Whether a part of it can be asked for alone. */
  boolean divisible() {
    return points.size() > 1;
  }

  /** Two requests for the same points, parted at the widest gap, else in the middle. */
  List<Request> split() {
    int best = points.size() / 2;
    int widest = 0;
    int end = points.getFirst().end();
    for (int i = 1; i < points.size(); i++) {
      int gap = points.get(i).start() - end;
      if (gap > widest) {
        widest = gap;
        best = i;
      }
      end = Math.max(end, points.get(i).end());
    }
    return List.of(
        new Request(points.subList(0, best)), new Request(points.subList(best, points.size())));
  }

  @Override
  public String toString() {
    return "unit "
        + unitId()
        + " "
        + table()
        + " "
        + start
        + (count == 1 ? "" : " to " + (start + count - 1));
  }
}
