package kr.madang.plugins.kafka;

/**
 * A broker for {@code platform/bench}: {@code LoneBroker TOPIC…}. Prints its port and the id of its
 * process, and ends with its standard input.
 */
final class LoneBroker {
  private LoneBroker() {}

  public static void main(String[] topics) throws Exception {
    try (KafkaBroker broker = KafkaBroker.start()) {
      for (String topic : topics) {
        broker.topic(topic, 1);
      }
      System.out.println(broker.direct().replaceFirst(".*:", "") + " " + broker.pid());
      System.in.readAllBytes();
    }
    System.exit(0);
  }
}
