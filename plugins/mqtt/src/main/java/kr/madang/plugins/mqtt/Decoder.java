package kr.madang.plugins.mqtt;

/** Turns payloads of one subscription into rows. One thread. */
sealed interface Decoder permits JsonDecoder, RawDecoder, MetricDecoder {
  /** Adds the rows of a message; what was added before a misfit is thrown away. */
  void decode(Route route, byte[] payload, Readings out) throws Misfit;

  /** The decoder of a subscription. */
  static Decoder of(Subscription subscription, Tags tags, int maxPayload) {
    return switch (subscription.payload()) {
      case JSON, CBOR -> new JsonDecoder(subscription, tags, maxPayload);
      case RAW -> new RawDecoder(subscription.type(), tags);
      case SPARKPLUG -> new MetricDecoder(tags);
    };
  }
}
