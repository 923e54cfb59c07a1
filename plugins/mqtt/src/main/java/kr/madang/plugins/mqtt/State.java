package kr.madang.plugins.mqtt;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** What a host application says of itself (Sparkplug 3.0, STATE). */
record State(boolean online, long timestamp) {
  private static final int LONGEST = 1_024;
  private static final JsonFactory JSON =
      new JsonFactoryBuilder().recyclerPool(JsonRecyclerPools.nonRecyclingPool()).build();

  static String topic(String hostId) {
    return "spBv1.0/STATE/" + hostId;
  }

  byte[] payload() {
    return Cells.ascii("{\"online\":" + online + ",\"timestamp\":" + timestamp + "}");
  }

  Outgoing message(String hostId) {
    return new Outgoing(topic(hostId), payload(), 1, true);
  }

  /** Reads one; null if it is none. */
  static @Nullable State of(byte[] payload) {
    if (payload.length > LONGEST) {
      return null;
    }
    Boolean online = null;
    long timestamp = 0;
    try (JsonParser parser = JSON.createParser(payload)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        return null;
      }
      while (parser.nextToken() == JsonToken.FIELD_NAME) {
        String name = parser.currentName();
        JsonToken value = parser.nextToken();
        if (name.equals("online")
            && (value == JsonToken.VALUE_TRUE || value == JsonToken.VALUE_FALSE)) {
          online = value == JsonToken.VALUE_TRUE;
        } else if (name.equals("timestamp") && value == JsonToken.VALUE_NUMBER_INT) {
          timestamp = parser.getLongValue();
        } else {
          parser.skipChildren();
        }
      }
    } catch (IOException _) {
      return null;
    }
    return online == null ? null : new State(online, timestamp);
  }
}
