package kr.madang.gateway.oip;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import kr.madang.inference.Slabs;
import kr.madang.inference.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Reads a request for inference: JSON, and the bytes of tensors behind it where it says so. The
 * elements go straight into native memory.
 */
final class RequestReader {
  static final JsonFactory FACTORY =
      JsonFactory.builder()
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(100)
                  .maxNameLength(1_000)
                  .maxNumberLength(1_000)
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private static final int MOST_TENSORS = 1_000;
  private static final int MOST_DIMENSIONS = 64;
  private static final int LONGEST_ID = 1_000;

  private final byte[] body;
  private final int length;
  private final int json;
  private final Slabs slabs;
  private final Asked asked = new Asked();
  private int bytesAt;
  private boolean inputsSeen;

  private RequestReader(byte[] body, int length, int json, Slabs slabs) {
    this.body = body;
    this.length = length;
    this.json = json;
    this.slabs = slabs;
    this.bytesAt = json;
  }

  /**
   * Reads a body.
   *
   * @param length of the body, which may be shorter than its array
   * @param json how many bytes of it are JSON; the others are tensors
   * @throws Refusal saying what is wrong, where, what was expected and what came
   */
  static Asked read(byte[] body, int length, int json, Slabs slabs) {
    RequestReader reader = new RequestReader(body, length, json, slabs);
    boolean done = false;
    try (JsonParser parser = FACTORY.createParser(body, 0, json)) {
      reader.request(parser);
      if (reader.bytesAt != length) {
        throw Refusal.invalid(
            "the tensors behind the JSON take %,d bytes by their binary_data_size, %,d have come"
                .formatted(reader.bytesAt - json, length - json));
      }
      done = true;
      return reader.asked;
    } catch (JsonProcessingException e) {
      throw unreadable(e);
    } catch (IOException e) {
      // The bytes are in memory: what cannot be read is what they say, such as a UTF-32 that is
      // none.
      throw Refusal.invalid("the body is no JSON in UTF-8: " + e.getMessage());
    } finally {
      if (!done) {
        reader.asked.close();
      }
    }
  }

  static Refusal unreadable(JsonProcessingException error) {
    String where =
        error.getLocation() == null
            ? ""
            : " at line %d, column %d"
                .formatted(error.getLocation().getLineNr(), error.getLocation().getColumnNr());
    return Refusal.invalid(
        "the body is no JSON%s: %s".formatted(where, error.getOriginalMessage()));
  }

  private void request(JsonParser parser) throws IOException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw Refusal.invalid("the body is no JSON object: expected {\"inputs\": [...]}");
    }
    for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
      JsonToken token = parser.nextToken();
      switch (field) {
        case "id" -> {
          if (token != JsonToken.VALUE_STRING || parser.getTextLength() > LONGEST_ID) {
            throw Refusal.invalid("id: expected a string of at most 1,000 characters");
          }
          asked.id = parser.getText();
        }
        case "inputs" -> inputs(parser);
        case "outputs" -> outputs(parser);
        case "parameters" -> parameters(parser);
        default -> parser.skipChildren();
      }
    }
    if (parser.nextToken() != null) {
      throw Refusal.invalid("after the JSON object more follows");
    }
    if (!inputsSeen) {
      throw Refusal.invalid("inputs: expected a list of tensors, there is none");
    }
  }

  private void parameters(JsonParser parser) throws IOException {
    expect(parser, JsonToken.START_OBJECT, "parameters", "an object");
    for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
      JsonToken token = parser.nextToken();
      switch (field) {
        case "priority" -> asked.priority = whole(parser, token, "parameter 'priority'");
        case "timeout" -> asked.timeoutMicros = whole(parser, token, "parameter 'timeout'");
        case "binary_data_output" -> asked.binary = flag(parser, token, field);
        default -> parser.skipChildren();
      }
    }
  }

  private void inputs(JsonParser parser) throws IOException {
    if (inputsSeen) {
      throw Refusal.invalid("inputs: given twice");
    }
    inputsSeen = true;
    expect(parser, JsonToken.START_ARRAY, "inputs", "a list");
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      expect(parser, JsonToken.START_OBJECT, "inputs", "objects");
      if (asked.inputs.size() == MOST_TENSORS) {
        throw Refusal.invalid("inputs: there are more than 1,000");
      }
      asked.inputs.add(input(parser));
    }
  }

  private Tensor input(JsonParser parser) throws IOException {
    String name = null;
    Datatype type = null;
    long[] shape = null;
    ByteBuffer data = null;
    long dataAt = -1;
    long binarySize = -1;
    for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
      JsonToken token = parser.nextToken();
      switch (field) {
        case "name" -> {
          once(name, "inputs", field);
          name = text(parser, token, "inputs", field);
        }
        case "datatype" -> {
          once(type, of(name), field);
          type = datatype(text(parser, token, of(name), field), of(name));
        }
        case "shape" -> {
          once(shape, of(name), field);
          shape = shape(parser, of(name));
        }
        case "data" -> {
          if (dataAt >= 0) {
            throw twice(of(name), field);
          }
          dataAt = parser.currentTokenLocation().getByteOffset();
          if (name != null && type != null && shape != null) {
            data = new DataReader(slabs, asked, name, type, shape, json - dataAt).read(parser);
          } else {
            parser.skipChildren();
          }
        }
        case "parameters" -> binarySize = tensorParameters(parser, of(name), binarySize);
        default -> parser.skipChildren();
      }
    }
    if (name == null || type == null || shape == null) {
      throw Refusal.invalid(
          "%s: expected name, shape and datatype, %s is missing"
              .formatted(of(name), name == null ? "name" : type == null ? "datatype" : "shape"));
    }
    if (binarySize >= 0 == dataAt >= 0) {
      throw Refusal.invalid(
          "%s: expected either data or the parameter binary_data_size, got %s"
              .formatted(of(name), dataAt < 0 ? "neither" : "both"));
    }
    if (binarySize >= 0) {
      data = bytes(of(name), binarySize);
    } else if (data == null) {
      try (JsonParser again = FACTORY.createParser(body, (int) dataAt, json - (int) dataAt)) {
        again.nextToken();
        data = new DataReader(slabs, asked, name, type, shape, json - dataAt).read(again);
      }
    }
    return new Tensor(name, type.label(), shape, data);
  }

  private static String of(@Nullable String name) {
    return name == null ? "inputs" : "input '" + name + "'";
  }

  /** The bytes of the next tensor behind the JSON. */
  private ByteBuffer bytes(String where, long size) {
    if (size > length - bytesAt) {
      throw Refusal.invalid(
          "%s: binary_data_size is %,d, and %,d bytes are left behind the JSON"
              .formatted(where, size, length - bytesAt));
    }
    Slabs.Slab slab = slabs.take(size);
    asked.keep(slab);
    ByteBuffer data = slab.part(0, (int) size);
    data.put(0, body, bytesAt, (int) size);
    bytesAt += (int) size;
    return data;
  }

  private static long tensorParameters(JsonParser parser, String where, long known)
      throws IOException {
    expect(parser, JsonToken.START_OBJECT, where + ", parameters", "an object");
    long size = known;
    for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
      JsonToken token = parser.nextToken();
      switch (field) {
        case "binary_data_size" ->
            size = whole(parser, token, where + ", parameter 'binary_data_size'");
        case "shared_memory_region" -> throw noSharedMemory(where);
        default -> parser.skipChildren();
      }
    }
    return size;
  }

  private void outputs(JsonParser parser) throws IOException {
    expect(parser, JsonToken.START_ARRAY, "outputs", "a list");
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      expect(parser, JsonToken.START_OBJECT, "outputs", "objects");
      if (asked.outputs().size() == MOST_TENSORS) {
        throw Refusal.invalid("outputs: there are more than 1,000");
      }
      output(parser);
    }
  }

  private void output(JsonParser parser) throws IOException {
    String name = null;
    Boolean binary = null;
    long largest = 0;
    for (String field = parser.nextFieldName(); field != null; field = parser.nextFieldName()) {
      JsonToken token = parser.nextToken();
      switch (field) {
        case "name" -> {
          once(name, "outputs", field);
          name = text(parser, token, "outputs", field);
        }
        case "parameters" -> {
          expect(parser, JsonToken.START_OBJECT, "outputs, parameters", "an object");
          for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
            JsonToken value = parser.nextToken();
            switch (key) {
              case "binary_data" -> binary = flag(parser, value, key);
              case "classification" ->
                  largest =
                      Classes.checked(whole(parser, value, "outputs, parameter '" + key + "'"));
              case "shared_memory_region" -> throw noSharedMemory("outputs");
              default -> parser.skipChildren();
            }
          }
        }
        default -> parser.skipChildren();
      }
    }
    if (name == null) {
      throw Refusal.invalid("outputs: expected a name for each");
    }
    asked.output(name, binary, largest);
  }

  private static Refusal noSharedMemory(String where) {
    return Refusal.invalid(where + ": shared memory is not offered; send the data in the body");
  }

  private static void once(@Nullable Object known, String where, String field) {
    if (known != null) {
      throw twice(where, field);
    }
  }

  private static Refusal twice(String where, String field) {
    return Refusal.invalid("%s: '%s' is given twice".formatted(where, field));
  }

  private static Datatype datatype(String name, String where) {
    return Datatype.named(name)
        .orElseThrow(() ->
            Refusal.invalid(
                "%s: expected a datatype of %s, got '%s'"
                    .formatted(where, Arrays.toString(Datatype.values()), shortened(name))));
  }

  private static String shortened(String text) {
    return text.length() <= 40 ? text : text.substring(0, 40) + "…";
  }

  private static long[] shape(JsonParser parser, String where) throws IOException {
    expect(parser, JsonToken.START_ARRAY, where + ", shape", "a list of whole numbers");
    long[] shape = new long[4];
    int rank = 0;
    for (JsonToken token = parser.nextToken();
        token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      if (rank == MOST_DIMENSIONS) {
        throw Refusal.invalid(where + ": a shape may have at most 64 dimensions");
      }
      if (rank == shape.length) {
        shape = Arrays.copyOf(shape, rank * 2);
      }
      shape[rank++] = whole(parser, token, where + ", shape");
    }
    return Arrays.copyOf(shape, rank);
  }

  private static void expect(JsonParser parser, JsonToken token, String where, String what) {
    if (parser.currentToken() != token) {
      throw Refusal.invalid("%s: expected %s".formatted(where, what));
    }
  }

  private static String text(JsonParser parser, JsonToken token, String where, String field)
      throws IOException {
    if (token != JsonToken.VALUE_STRING) {
      throw Refusal.invalid("%s: expected a string as '%s'".formatted(where, field));
    }
    return parser.getText();
  }

  private static boolean flag(JsonParser parser, JsonToken token, String field) throws IOException {
    if (!token.isBoolean()) {
      throw Refusal.invalid(
          "parameter '%s': expected true or false, got %s"
              .formatted(field, shortened(parser.getText())));
    }
    return token == JsonToken.VALUE_TRUE;
  }

  /** A number from 0 that fits 64 bits. */
  private static long whole(JsonParser parser, JsonToken token, String where) throws IOException {
    if (token == JsonToken.VALUE_NUMBER_INT
        && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER) {
      long number = parser.getLongValue();
      if (number >= 0) {
        return number;
      }
    }
    throw Refusal.invalid(
        "%s: expected a whole number from 0 to %d, got %s"
            .formatted(where, Long.MAX_VALUE, shortened(parser.getText())));
  }
}
