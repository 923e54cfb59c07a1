package kr.madang.plugins.modbus;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/** Turns a list of tags into few requests. */
final class ReadPlan {
  private static final int BITS = 16;
  private static final Comparator<Point> BY_PLACE =
      Comparator.comparingInt(Point::unitId)
          .thenComparing(Point::table)
          .thenComparingInt(Point::start)
          .thenComparingInt(Point::end)
          .thenComparing(Point::tag);

  private ReadPlan() {}

  /**
   * The requests of one round: by unit, table and address; neighbours share one, and so do points
   * with at most {@code maxGap} registers between them, as far as the limit of a request allows. A
   * value is never divided. Sixteen bits count as one register.
   */
  static List<Request> of(ModbusConfig config) {
    List<Point> points = new ArrayList<>();
    for (Register register : config.allRegisters()) {
      Point point = new Point(register, config);
      int width = point.end() - point.start();
      if (!point.table().bits() && width > config.maxRegistersPerRequest()) {
        throw new PluginException(
            ErrorCode.CONFIG_INVALID,
            "register '%s': expected a value of at most maxRegistersPerRequest = %d registers, got %d"
                .formatted(point.tag(), config.maxRegistersPerRequest(), width));
      }
      points.add(point);
    }
    points.sort(BY_PLACE);

    List<Request> requests = new ArrayList<>();
    List<Point> open = new ArrayList<>();
    int end = 0;
    for (Point point : points) {
      if (!open.isEmpty() && !fits(open.getFirst(), end, point, config)) {
        requests.add(new Request(open));
        open.clear();
      }
      end = open.isEmpty() ? point.end() : Math.max(end, point.end());
      open.add(point);
    }
    requests.add(new Request(open));
    return requests;
  }

  private static boolean fits(Point first, int end, Point next, ModbusConfig config) {
    int perRegister = first.table().bits() ? BITS : 1;
    return next.unitId() == first.unitId()
        && next.table() == first.table()
        && next.start() - end <= config.maxGap() * perRegister
        && Math.max(end, next.end()) - first.start()
            <= config.maxRegistersPerRequest() * perRegister;
  }
}
