package kr.madang.plugins.mqtt;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import org.eclipse.tahu.protobuf.SparkplugBProto.Payload;
import org.eclipse.tahu.protobuf.SparkplugBProto.Payload.Metric;
import org.jspecify.annotations.Nullable;

/**
 * What a host application knows of one edge node: born or not, which sequence number comes next,
 * which metrics its aliases mean. Messages that overtook others wait for these a while. One thread.
 */
final class EdgeNode {
  private static final int SEQUENCES = 256;
  private static final int HELD = 64;
  private static final int LATE = 192;

  /** Gives the tag of a metric. */
  interface Naming {
    int tag(String device, String metric) throws Misfit;
  }

  /** Reports a message that does not fit. */
  interface Refusal {
    void refuse(SparkplugTopic topic, Misfit why);
  }

  private record Known(int tag, int datatype, String device) {}

  private record Held(SparkplugTopic topic, Payload payload) {}

  private static final class Device {
    final List<Integer> tags = new ArrayList<>();
    boolean born;
  }

  private final Naming naming;
  private final Refusal refusal;
  private final long reorderNanos;
  private final Map<Long, Known> aliases = new HashMap<>();
  private final Map<String, Map<String, Known>> names = new HashMap<>();
  private final Map<String, Device> devices = new LinkedHashMap<>();
  private final TreeMap<Integer, Held> held = new TreeMap<>();
  private boolean born;
  private long bdSeq = -1;
  private int next;
  private long heldSince;
  private boolean wantsBirth;

  EdgeNode(Naming naming, Refusal refusal, long reorderNanos) {
    this.naming = naming;
    this.refusal = refusal;
    this.reorderNanos = reorderNanos;
  }

  /** Whether it should be asked to be born again; asking is the caller's. */
  boolean wantsBirth() {
    return wantsBirth;
  }

  /** Takes a message. What it says is added, also of others that are due by it. */
  void take(SparkplugTopic topic, Payload payload, long nanos, Readings out) {
    try {
      switch (topic.type()) {
        case NBIRTH -> birth(payload, out);
        case NDEATH -> death(payload, out);
        default -> sequenced(topic, payload, nanos, out);
      }
    } catch (Misfit misfit) {
      refusal.refuse(topic, misfit);
    }
  }

  private void birth(Payload payload, Readings out) throws Misfit {
    if (payload.getSeq() != 0) {
      wantsBirth = true;
      throw new Misfit("seq", "0 in a birth", String.valueOf(payload.getSeq()));
    }
    // Whoever is not named again must not keep a value that looks alive.
    mark(Quality.BAD_NO_COMMUNICATION, SampleWriter.NO_TIME, out);
    forget();
    int first = out.rows();
    try {
      metrics("", payload, true, out);
    } catch (Misfit misfit) {
      out.cut(first);
      forget();
      throw misfit;
    }
    born = true;
    bdSeq = bdSeq(payload);
    next = 1;
    wantsBirth = false;
  }

  private void forget() {
    born = false;
    aliases.clear();
    names.clear();
    devices.clear();
    held.clear();
  }

  private void death(Payload payload, Readings out) throws Misfit {
    long sequence = bdSeq(payload);
    if (!born) {
      return;
    }
    if (sequence != bdSeq) {
      throw new Misfit(
          "bdSeq", bdSeq + " as in the birth", sequence + " (the death of a former life)");
    }
    mark(Quality.BAD_NO_COMMUNICATION, SampleWriter.NO_TIME, out);
    born = false;
    held.clear();
  }

  private static long bdSeq(Payload payload) {
    for (Metric metric : payload.getMetricsList()) {
      if (metric.getName().equals("bdSeq")) {
        return metric.hasLongValue() ? metric.getLongValue() : metric.getIntValue();
      }
    }
    return -1;
  }

  private void sequenced(SparkplugTopic topic, Payload payload, long nanos, Readings out)
      throws Misfit {
    if (!born) {
      wantsBirth = true;
      throw new Misfit("node", "its birth first", topic.type().name());
    }
    if (!payload.hasSeq() || payload.getSeq() < 0 || payload.getSeq() >= SEQUENCES) {
      wantsBirth = true;
      throw new Misfit(
          "seq", "0 to 255", payload.hasSeq() ? String.valueOf(payload.getSeq()) : "none");
    }
    int ahead = Math.floorMod((int) payload.getSeq() - next, SEQUENCES);
    if (ahead >= LATE) {
      throw new Misfit("seq", next + " or later", payload.getSeq() + " (late or doubled)");
    }
    if (ahead > 0) {
      if (held.isEmpty()) {
        heldSince = nanos;
      }
      held.putIfAbsent(ahead, new Held(topic, payload));
      if (held.size() > HELD) {
        giveUp(out);
      }
      return;
    }
    next = (next + 1) % SEQUENCES;
    applyOrRefuse(new Held(topic, payload), out);
    release(out);
  }

  /** Applies what waited and is due now. */
  private void release(Readings out) {
    if (held.isEmpty()) {
      return;
    }
    TreeMap<Integer, Held> rest = new TreeMap<>();
    held.forEach((ahead, message) -> rest.put(ahead - 1, message));
    held.clear();
    held.putAll(rest);
    Held due = held.remove(0);
    if (due != null) {
      next = (next + 1) % SEQUENCES;
      applyOrRefuse(due, out);
      release(out);
    }
  }

  private void applyOrRefuse(Held message, Readings out) {
    int before = out.rows();
    try {
      apply(message.topic(), message.payload(), out);
    } catch (Misfit misfit) {
      out.cut(before);
      refusal.refuse(message.topic(), misfit);
    }
  }

  /** Gives up what is missing if it is overdue; true if that added rows. */
  boolean tick(long nanos, Readings out) {
    if (held.isEmpty() || nanos - heldSince < reorderNanos) {
      return false;
    }
    giveUp(out);
    return true;
  }

  private void giveUp(Readings out) {
    mark(Quality.BAD_DATA_LOST, SampleWriter.NO_TIME, out);
    wantsBirth = true;
    List<Held> messages = List.copyOf(held.values());
    held.clear();
    for (Held message : messages) {
      next = (int) (message.payload().getSeq() + 1) % SEQUENCES;
      applyOrRefuse(message, out);
    }
  }

  private void apply(SparkplugTopic topic, Payload payload, Readings out) throws Misfit {
    switch (topic.type()) {
      case DBIRTH -> metrics(topic.device(), payload, true, out);
      case DDEATH -> {
        Device device = devices.get(topic.device());
        if (device != null && device.born) {
          device.born = false;
          mark(
              device,
              Quality.BAD_NO_COMMUNICATION,
              Metrics.time(Metric.getDefaultInstance(), payload),
              out);
        }
      }
      default -> metrics(topic.device(), payload, false, out);
    }
  }

  private void metrics(String device, Payload payload, boolean birth, Readings out) throws Misfit {
    Device place = devices.computeIfAbsent(device, _ -> new Device());
    if (birth) {
      place.born = true;
    } else if (!place.born) {
      wantsBirth = true;
      throw new Misfit("device", "its birth first", Shown.text(device));
    }
    for (Metric metric : payload.getMetricsList()) {
      if (birth && !metric.getName().isEmpty()) {
        define(device, place, metric);
      }
      Known known = known(device, metric);
      if (known == null) {
        if (control(metric.getName())) {
          continue;
        }
        wantsBirth = true;
        throw new Misfit(
            "metric",
            "a name or alias of the birth",
            metric.hasAlias() ? "alias " + metric.getAlias() : Shown.text(metric.getName()));
      }
      Metrics.add(known.tag, metric, known.datatype, Metrics.time(metric, payload), out);
    }
  }

  private void define(String device, Device place, Metric metric) throws Misfit {
    String name = metric.getName();
    if (control(name)) {
      return;
    }
    Known known = new Known(naming.tag(device, name), metric.getDatatype(), device);
    if (names.computeIfAbsent(device, _ -> new HashMap<>()).put(name, known) == null) {
      place.tags.add(known.tag);
    }
    if (metric.hasAlias()) {
      aliases.put(metric.getAlias(), known);
    }
  }

  private @Nullable Known known(String device, Metric metric) {
    if (!metric.getName().isEmpty()) {
      Map<String, Known> ofDevice = names.get(device);
      return ofDevice == null ? null : ofDevice.get(metric.getName());
    }
    if (!metric.hasAlias()) {
      return null;
    }
    Known known = aliases.get(metric.getAlias());
    return known != null && known.device.equals(device) ? known : null;
  }

  /** What serves the protocol and measures nothing. */
  private static boolean control(String name) {
    return name.equals("bdSeq")
        || name.startsWith("Node Control/")
        || name.startsWith("Device Control/");
  }

  private void mark(int status, long time, Readings out) {
    devices.values().forEach(device -> mark(device, status, time, out));
  }

  private static void mark(Device device, int status, long time, Readings out) {
    for (int tag : device.tags) {
      out.missing(tag, status, time);
    }
  }
}
