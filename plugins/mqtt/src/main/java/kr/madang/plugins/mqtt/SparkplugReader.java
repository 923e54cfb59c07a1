package kr.madang.plugins.mqtt;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import kr.madang.sdk.source.SourceContext;
import org.eclipse.tahu.protobuf.SparkplugBProto.DataType;
import org.eclipse.tahu.protobuf.SparkplugBProto.Payload;
import org.eclipse.tahu.protobuf.SparkplugBProto.Payload.Metric;
import org.jspecify.annotations.Nullable;

/** The host application: follows all nodes of its groups and asks for births where it must. */
final class SparkplugReader implements Reader {
  private static final long NEVER = Long.MIN_VALUE;

  private static final class Place {
    final String group;
    final String node;
    final EdgeNode edge;
    long asked = NEVER;

    Place(String group, String node, EdgeNode edge) {
      this.group = group;
      this.node = node;
      this.edge = edge;
    }
  }

  private final SparkplugConfig config;
  private final SourceContext context;
  private final Tags tags;
  private final Template template;
  private final State online;
  private final Map<String, Place> places = new HashMap<>();
  private @Nullable Transport transport;

  /**
   * A reader.
   *
   * @param since when this host came, in ms, as its will says it
   */
  SparkplugReader(SparkplugConfig config, SourceContext context, Tags tags, long since) {
    this.config = config;
    this.context = context;
    this.tags = tags;
    template = Template.of("tag", config.tag());
    online = new State(true, since);
  }

  @Override
  public List<Wanted> wanted() {
    List<Wanted> wanted = new ArrayList<>();
    config.hostId().ifPresent(id -> wanted.add(new Wanted(State.topic(id), 1)));
    for (String group : config.groups()) {
      wanted.add(new Wanted(SparkplugTopic.NAMESPACE + "/" + group + "/+/#", 1));
    }
    return wanted;
  }

  @Override
  public void subscribed(Transport connection) throws InterruptedException {
    transport = connection;
    if (config.hostId().isPresent()) {
      connection.send(online.message(config.hostId().get()));
    }
  }

  @Override
  public void read(Message message, Readings out) throws Misfit {
    if (message.topic().startsWith(SparkplugTopic.NAMESPACE + "/STATE/")) {
      state(message);
      return;
    }
    if (message.payload().length > config.maxPayload()) {
      throw new Misfit(
          "payload",
          "at most " + config.maxPayload() + " bytes (maxPayload)",
          message.payload().length + " bytes");
    }
    SparkplugTopic topic = SparkplugTopic.of(message.topic());
    if (topic == null) {
      throw new Misfit("topic", "spBv1.0/GROUP/TYPE/NODE[/DEVICE]", Shown.text(message.topic()));
    }
    if (topic.type() == SparkplugTopic.Type.NCMD || topic.type() == SparkplugTopic.Type.DCMD) {
      return;
    }
    Payload payload = Metrics.parse(message.payload());
    Place place = place(topic);
    long now = System.nanoTime();
    place.edge.take(topic, payload, now, out);
    ask(place, now);
  }

  private Place place(SparkplugTopic topic) throws Misfit {
    String id = topic.group() + "/" + topic.node();
    Place place = places.get(id);
    if (place == null) {
      if (places.size() >= config.maxTags()) {
        throw new Misfit("node", "at most " + config.maxTags() + " (maxTags)", "one more");
      }
      EdgeNode edge =
          new EdgeNode(
              (device, metric) -> tags.of(name(topic, device, metric)),
              (refused, why) -> context.reject(refused.toString(), refused + ": " + why.why()),
              config.reorder().toNanos());
      place = new Place(topic.group(), topic.node(), edge);
      places.put(id, place);
    }
    return place;
  }

  private String name(SparkplugTopic topic, String device, String metric) {
    String text =
        template
            .fill(part ->
                switch (part) {
                  case "id" ->
                      topic.group() + "/" + topic.node() + (device.isEmpty() ? "" : "/" + device);
                  case "group" -> topic.group();
                  case "node" -> topic.node();
                  case "device" -> device;
                  default -> metric;
                })
            .text();
    return text == null ? metric : text;
  }

  /** Another who says that this host is gone is contradicted. */
  private void state(Message message) {
    String id = config.hostId().orElse("");
    State said = State.of(message.payload());
    Transport connection = transport;
    if (connection != null
        && message.topic().equals(State.topic(id))
        && (said == null || !said.online())) {
      connection.publish(online.message(id));
    }
  }

  private void ask(Place place, long now) {
    Transport connection = transport;
    boolean due = place.asked == NEVER || now - place.asked >= config.rebirthEvery().toNanos();
    if (connection == null || !place.edge.wantsBirth() || !due) {
      return;
    }
    place.asked = now;
    Payload rebirth =
        Payload.newBuilder()
            .setTimestamp(context.clock().instant().toEpochMilli())
            .addMetrics(
                Metric.newBuilder()
                    .setName("Node Control/Rebirth")
                    .setTimestamp(context.clock().instant().toEpochMilli())
                    .setDatatype(DataType.Boolean.getNumber())
                    .setBooleanValue(true))
            .build();
    String topic = SparkplugTopic.NAMESPACE + "/" + place.group + "/NCMD/" + place.node;
    if (connection.alive()) {
      connection.publish(new Outgoing(topic, rebirth.toByteArray(), 0, false));
    }
  }

  @Override
  public boolean tick(long nanos, Readings out) {
    boolean added = false;
    for (Place place : places.values()) {
      added |= place.edge.tick(nanos, out);
      ask(place, nanos);
    }
    return added;
  }

  @Override
  public void leave(Transport connection) {
    if (config.hostId().isPresent() && connection.alive()) {
      try {
        connection.publish(new State(false, online.timestamp()).message(config.hostId().get()));
      } catch (RuntimeException e) {
        context.logger().info("could not say good-bye: {}", e.getMessage());
      }
    }
  }
}
