package kr.madang.plugins.mqtt;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.util.JsonRecyclerPools;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import kr.madang.sdk.batch.Quality;
import kr.madang.sdk.batch.SampleWriter;
import org.jspecify.annotations.Nullable;

/** Reads JSON and CBOR by declared paths, in one pass and without a tree. */
final class JsonDecoder implements Decoder {
  private static final int DEEPEST = 64;
  private static final int LONGEST_NUMBER = 100;
  private static final int LONGEST_NAME = 1_024;

  private final JsonFactory factory;
  private final JsonShape shape;
  private final Map<JsonShape.Scope, Slots> slots = new HashMap<>();
  private final Subscription subscription;
  private final Tags tags;
  private boolean sawElements;

  JsonDecoder(Subscription subscription, Tags tags, int maxPayload) {
    this.subscription = subscription;
    this.tags = tags;
    shape = new JsonShape(subscription);
    shape.scopes.forEach(scope -> slots.put(scope, new Slots(scope.slots)));
    factory = factory(subscription.payload(), maxPayload);
  }

  private static JsonFactory factory(PayloadKind kind, int maxPayload) {
    StreamReadConstraints limits =
        StreamReadConstraints.builder()
            .maxNestingDepth(DEEPEST)
            .maxNumberLength(LONGEST_NUMBER)
            .maxNameLength(LONGEST_NAME)
            .maxStringLength(maxPayload)
            .build();
    // The pool keeps buffers off the threads, which belong to the host.
    if (kind == PayloadKind.CBOR) {
      return CBORFactory.builder()
          .streamReadConstraints(limits)
          .recyclerPool(JsonRecyclerPools.newBoundedPool(2))
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .build();
    }
    return new JsonFactoryBuilder()
        .streamReadConstraints(limits)
        .recyclerPool(JsonRecyclerPools.newBoundedPool(2))
        .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
        .build();
  }

  @Override
  public void decode(Route route, byte[] payload, Readings out) throws Misfit {
    int first = out.rows();
    Slots document = slots(shape.document);
    document.clear();
    sawElements = false;
    try (JsonParser parser = factory.createParser(payload)) {
      JsonToken token = parser.nextToken();
      if (token == null) {
        throw new Misfit("payload", name(), payload.length == 0 ? "nothing" : "blanks");
      }
      value(parser, token, shape.document.root, document, route, out);
      if (subscription.payload() == PayloadKind.JSON && parser.nextToken() != null) {
        throw new Misfit("payload", "one JSON value", "something after it");
      }
    } catch (JsonProcessingException e) {
      throw new Misfit("payload", name(), Shown.text(String.valueOf(e.getOriginalMessage())));
    } catch (IOException | ArithmeticException | IllegalStateException e) {
      throw new Misfit("payload", name(), Shown.text(String.valueOf(e.getMessage())));
    }
    rows(shape.document, document, "", route, out);
    if (out.rows() == first) {
      if (!sawElements) {
        throw new Misfit(
            "payload",
            "a value at "
                + shape.scopes.stream()
                    .flatMap(scope -> scope.targets.stream())
                    .map(target -> target.pointer().isEmpty() ? "the top" : target.pointer())
                    .collect(Collectors.joining(" or ")),
            "none");
      }
      return;
    }
    if (shape.time >= 0) {
      long time = time(document, shape.time);
      if (time == SampleWriter.NO_TIME && document.kind(shape.time) != Slots.NONE) {
        out.worsen(first, Quality.UNCERTAIN);
      }
      out.time(first, time);
    }
    if (shape.status >= 0) {
      out.worsen(first, status(document, shape.status));
    }
  }

  private String name() {
    return subscription.payload().name();
  }

  private Slots slots(JsonShape.Scope scope) {
    return Objects.requireNonNull(slots.get(scope));
  }

  private void value(
      JsonParser parser,
      JsonToken token,
      JsonShape.Node node,
      Slots found,
      Route route,
      Readings out)
      throws IOException, Misfit {
    boolean object = token == JsonToken.START_OBJECT;
    if (!object && token != JsonToken.START_ARRAY) {
      if (node.slot >= 0) {
        found.take(node.slot, parser, token);
      }
      return;
    }
    if (node.slot >= 0) {
      found.nested(node.slot);
    }
    JsonShape.Scope elements = node.elements;
    if (elements == null && node.children.isEmpty()) {
      parser.skipChildren();
      return;
    }
    sawElements |= elements != null;
    JsonToken end = object ? JsonToken.END_OBJECT : JsonToken.END_ARRAY;
    int index = 0;
    for (JsonToken next = parser.nextToken(); next != end; next = parser.nextToken()) {
      String key = object ? parser.currentName() : String.valueOf(index++);
      JsonToken inner = object ? parser.nextToken() : next;
      if (inner == null) {
        throw new Misfit("payload", name(), "its beginning only");
      }
      if (elements != null) {
        Slots element = slots(elements);
        element.clear();
        value(parser, inner, elements.root, element, route, out);
        rows(elements, element, key, route, out);
        continue;
      }
      JsonShape.Node child = node.children.get(key);
      if (child == null) {
        parser.skipChildren();
      } else {
        value(parser, inner, child, found, route, out);
      }
    }
  }

  /** Makes the rows of a scope whose places are filled. */
  private void rows(JsonShape.Scope scope, Slots found, String key, Route route, Readings out)
      throws Misfit {
    for (JsonShape.Target target : scope.targets) {
      if (found.kind(target.value()) == Slots.NONE) {
        continue;
      }
      int tag = route.tag(target.reading(), tags);
      if (tag < 0) {
        tag = tags.of(named(route.template(target.reading()), target, found, key));
      }
      int status = target.status() < 0 ? Quality.GOOD : status(found, target.status());
      long time = SampleWriter.NO_TIME;
      if (target.time() >= 0) {
        time = time(found, target.time());
        if (time == SampleWriter.NO_TIME && found.kind(target.time()) != Slots.NONE) {
          status = Quality.worst(status, Quality.UNCERTAIN);
        }
      }
      row(target, found, tag, status, time, out);
    }
  }

  private void row(
      JsonShape.Target target, Slots found, int tag, int status, long time, Readings out)
      throws Misfit {
    int slot = target.value();
    boolean any = target.type() == ValueType.AUTO;
    switch (found.kind(slot)) {
      case Slots.NULL -> out.missing(tag, Quality.worst(status, Quality.BAD_NO_DATA), time);
      case Slots.NUMBER, Slots.INTEGER -> {
        if (target.type() == ValueType.TEXT) {
          out.text(tag, found.shown(slot), status, time);
        } else if (target.type() == ValueType.BYTES) {
          throw misfit(target, found, slot);
        } else if (found.kind(slot) == Slots.INTEGER) {
          out.integer(tag, found.integer(slot), status, time);
        } else {
          out.number(tag, found.number(slot), status, time);
        }
      }
      case Slots.TEXT -> {
        Double number = target.type() == ValueType.NUMBER ? Numbers.parse(found.text(slot)) : null;
        if (number != null) {
          out.number(tag, number, status, time);
        } else if (target.type() == ValueType.NUMBER || target.type() == ValueType.BYTES) {
          throw misfit(target, found, slot);
        } else {
          out.text(tag, found.text(slot), status, time);
        }
      }
      case Slots.BYTES -> {
        if (!any && target.type() != ValueType.BYTES) {
          throw misfit(target, found, slot);
        }
        out.bytes(tag, found.bytes(slot), status, time);
      }
      default -> throw misfit(target, found, slot);
    }
  }

  private static Misfit misfit(JsonShape.Target target, Slots found, int slot) {
    String expected =
        switch (target.type()) {
          case NUMBER -> "a number";
          case TEXT -> "a text";
          case BYTES -> "a byte string";
          case AUTO -> "a number or a text";
        };
    return new Misfit(
        target.pointer().isEmpty() ? "payload" : target.pointer(), expected, found.shown(slot));
  }

  private String named(Template template, JsonShape.Target target, Slots found, String key)
      throws Misfit {
    Map<String, Integer> places = target.tag();
    for (Map.Entry<String, Integer> place : places.entrySet()) {
      int slot = place.getValue();
      if (slot >= 0
          && found.kind(slot) != Slots.TEXT
          && found.kind(slot) != Slots.INTEGER
          && found.kind(slot) != Slots.NUMBER) {
        throw new Misfit(place.getKey(), "a text for the tag", found.shown(slot));
      }
    }
    String text = template.fill(name -> part(places, found, key, name)).text();
    if (text == null) {
      throw new Misfit("tag", "a value for each placeholder", "none");
    }
    return text;
  }

  private static @Nullable String part(
      Map<String, Integer> places, Slots found, String key, String name) {
    Integer slot = places.get(name);
    if (slot == null) {
      return null;
    }
    if (slot < 0) {
      return key;
    }
    return found.kind(slot) == Slots.TEXT ? found.text(slot) : found.shown(slot);
  }

  private long time(Slots found, int slot) throws Misfit {
    return switch (found.kind(slot)) {
      case Slots.NONE, Slots.NULL -> SampleWriter.NO_TIME;
      case Slots.INTEGER -> subscription.timeFormat().of(found.integer(slot));
      case Slots.NUMBER -> subscription.timeFormat().of(found.number(slot));
      case Slots.TEXT -> subscription.timeFormat().of(found.text(slot));
      default -> throw new Misfit("time", "a number or a text", found.shown(slot));
    };
  }

  private int status(Slots found, int slot) throws Misfit {
    return switch (found.kind(slot)) {
      case Slots.NONE -> Quality.GOOD;
      case Slots.NULL -> Quality.BAD;
      case Slots.INTEGER -> subscription.statuses().of(found.integer(slot));
      case Slots.TEXT -> subscription.statuses().of(found.text(slot));
      default -> throw new Misfit("status", "a status code", found.shown(slot));
    };
  }
}
