package kr.madang.plugins.mqtt;

import org.jspecify.annotations.Nullable;

/**
 * A topic of Sparkplug B.
 *
 * @param device empty for the node itself
 */
record SparkplugTopic(String group, Type type, String node, String device) {
  /** What a message is. */
  enum Type {
    /** Birth of a node. */
    NBIRTH,
    /** Birth of a device. */
    DBIRTH,
    /** Data of a node. */
    NDATA,
    /** Data of a device. */
    DDATA,
    /** Death of a node. */
    NDEATH,
    /** Death of a device. */
    DDEATH,
    /** Command to a node. */
    NCMD,
    /** Command to a device. */
    DCMD
  }

  static final String NAMESPACE = "spBv1.0";

  /** Reads one; null if it is none. */
  static @Nullable SparkplugTopic of(String topic) {
    String[] parts = topic.split("/", -1);
    if (parts.length < 4 || parts.length > 5 || !parts[0].equals(NAMESPACE)) {
      return null;
    }
    Type type;
    try {
      type = Type.valueOf(parts[2]);
    } catch (IllegalArgumentException _) {
      return null;
    }
    boolean device = type.name().charAt(0) == 'D';
    if (device != (parts.length == 5) || parts[1].isEmpty() || parts[3].isEmpty()) {
      return null;
    }
    return new SparkplugTopic(parts[1], type, parts[3], device ? parts[4] : "");
  }

  @Override
  public String toString() {
    return NAMESPACE
        + "/"
        + group
        + "/"
        + type
        + "/"
        + node
        + (device.isEmpty() ? "" : "/" + device);
  }
}
