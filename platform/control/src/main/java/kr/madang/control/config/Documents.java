package kr.madang.control.config;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kr.madang.control.config.Node.Entry;
import kr.madang.control.config.Node.Mapping;
import kr.madang.control.config.Node.Scalar;
import kr.madang.control.config.Node.Sequence;
import kr.madang.control.config.Node.Type;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;

/**
 * Reads YAML and JSON into trees that know their lines. Hostile documents are errors: too deep, too
 * long, doubled keys, aliases, tags, anything after the end.
 */
public final class Documents {
  private static final int MAX_DEPTH = 64;
  private static final int MAX_CHARS = 4 << 20;

  private Documents() {}

  /** Each factory is made when it is first needed: that of YAML takes a while. */
  private static final class Json {
    static final JsonFactory FACTORY =
        JsonFactory.builder().streamReadConstraints(constraints()).build();
  }

  private static final class Yaml {
    static final YAMLFactory FACTORY =
        YAMLFactory.builder()
            .streamReadConstraints(constraints())
            .loaderOptions(loaderOptions())
            .enable(YAMLParser.Feature.EMPTY_STRING_AS_NULL)
            .enable(YAMLParser.Feature.PARSE_BOOLEAN_LIKE_WORDS_AS_STRINGS)
            .build();
  }

  private static StreamReadConstraints constraints() {
    return StreamReadConstraints.builder()
        .maxNestingDepth(MAX_DEPTH)
        .maxDocumentLength(MAX_CHARS)
        .maxStringLength(1 << 20)
        .maxNumberLength(100)
        .maxNameLength(1000)
        .build();
  }

  private static LoaderOptions loaderOptions() {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(MAX_CHARS);
    options.setNestingDepthLimit(MAX_DEPTH);
    options.setMaxAliasesForCollections(0);
    return options;
  }

  /** Reads YAML; JSON is YAML too. */
  public static Node yaml(String text) {
    checkSize(text);
    try (JsonParser parser = Yaml.FACTORY.createParser(text)) {
      return document(parser);
    } catch (IOException | RuntimeException e) {
      throw unreadable("YAML", e);
    }
  }

  /** Reads JSON. */
  public static Node json(String text) {
    checkSize(text);
    try (JsonParser parser = Json.FACTORY.createParser(text)) {
      return document(parser);
    } catch (IOException | RuntimeException e) {
      throw unreadable("JSON", e);
    }
  }

  private static void checkSize(String text) {
    if (text.length() > MAX_CHARS) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "the document has " + text.length() + " characters; at most " + MAX_CHARS + " are read");
    }
  }

  private static PluginException unreadable(String language, Exception e) {
    if (e instanceof PluginException known) {
      return known;
    }
    Place place = Place.NONE;
    String message = String.valueOf(e.getMessage());
    if (e instanceof StreamConstraintsException beyond) {
      String limit =
          message.contains("nesting")
              ? "is nested deeper than " + MAX_DEPTH + " levels"
              : "has a text, a number or a name that is too long";
      return invalid(place(beyond.getLocation()), "the document " + limit);
    }
    if (e instanceof JsonProcessingException known) {
      place = place(known.getLocation());
      message = String.valueOf(known.getOriginalMessage());
    }
    message = message.strip().replaceAll("\\s+", " ");
    if (message.length() > 300) {
      message = message.substring(0, 300) + "…";
    }
    return new PluginException(
        ErrorCode.CONFIG_INVALID,
        new Problems.Problem(place, "", "this is not " + language + ": " + message).toString());
  }

  private static Node document(JsonParser parser) throws IOException {
    JsonToken token = parser.nextToken();
    if (token == null) {
      throw invalid(new Place(1, 1), "the document is empty");
    }
    Node root = node(parser, token, 0);
    if (parser.nextToken() != null) {
      throw invalid(
          place(parser.currentTokenLocation()),
          "something follows the end of the document; write one document to a file");
    }
    return root;
  }

  private static Node node(JsonParser parser, JsonToken token, int depth) throws IOException {
    Place place = place(parser.currentTokenLocation());
    if (parser instanceof YAMLParser yaml) {
      refuseTricks(yaml, place);
    }
    if (depth > MAX_DEPTH) {
      throw invalid(place, "the document is nested deeper than " + MAX_DEPTH + " levels");
    }
    return switch (token) {
      case START_OBJECT -> mapping(parser, place, depth);
      case START_ARRAY -> {
        List<Node> items = new ArrayList<>();
        for (JsonToken next = next(parser); next != JsonToken.END_ARRAY; next = next(parser)) {
          items.add(node(parser, next, depth + 1));
        }
        yield new Sequence(place, items);
      }
      case VALUE_STRING -> new Scalar(place, parser.getText(), Type.TEXT);
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> new Scalar(place, parser.getText(), Type.NUMBER);
      case VALUE_TRUE, VALUE_FALSE -> new Scalar(place, parser.getText(), Type.BOOLEAN);
      case VALUE_NULL -> new Scalar(place, "", Type.NULL);
      default -> throw invalid(place, "'" + parser.getText() + "' cannot be used here");
    };
  }

  private static Mapping mapping(JsonParser parser, Place place, int depth) throws IOException {
    Map<String, Entry> entries = new LinkedHashMap<>();
    for (JsonToken next = next(parser); next != JsonToken.END_OBJECT; next = next(parser)) {
      String key = parser.getText();
      Place keyPlace = place(parser.currentTokenLocation());
      Node value = node(parser, next(parser), depth + 1);
      Entry first = entries.putIfAbsent(key, new Entry(keyPlace, value));
      if (first != null) {
        throw invalid(
            keyPlace, "key '" + key + "' stands twice, first in line " + first.place().line());
      }
    }
    return new Mapping(place, entries);
  }

  private static JsonToken next(JsonParser parser) throws IOException {
    JsonToken token = parser.nextToken();
    if (token == null) {
      throw invalid(place(parser.currentTokenLocation()), "the document ends too early");
    }
    return token;
  }

  private static void refuseTricks(YAMLParser parser, Place place) throws IOException {
    if (parser.isCurrentAlias()) {
      throw invalid(
          place, "alias *" + parser.getText() + " cannot be used; write the value out instead");
    }
    String tag = parser.getTypeId();
    if (tag != null) {
      throw invalid(place, "tag " + tag + " cannot be used; leave it out");
    }
  }

  private static Place place(@Nullable JsonLocation location) {
    return location == null || location.getLineNr() < 1
        ? Place.NONE
        : new Place(location.getLineNr(), Math.max(1, location.getColumnNr()));
  }

  private static PluginException invalid(Place place, String message) {
    return new PluginException(
        ErrorCode.CONFIG_INVALID, new Problems.Problem(place, "", message).toString());
  }
}
