package kr.madang.gateway;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;
import kr.madang.sdk.batch.Frames;
import kr.madang.sdk.batch.Quality;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.SmallIntVector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.TinyIntVector;
import org.apache.arrow.vector.UInt1Vector;
import org.apache.arrow.vector.UInt2Vector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.types.TimeUnit;
import org.apache.arrow.vector.types.pojo.ArrowType;
import org.jspecify.annotations.Nullable;

/** Single values of JSON into columns; what does not fit is told as expected and got. */
final class JsonCells {
  private static final Pattern HEX = Pattern.compile("0x[0-9A-Fa-f]{8}");
  private static final Map<String, Integer> STATUSES = statuses();

  private JsonCells() {}

  private static Map<String, Integer> statuses() {
    int[] known = {
      Quality.GOOD,
      Quality.UNCERTAIN,
      Quality.UNCERTAIN_LAST_USABLE_VALUE,
      Quality.UNCERTAIN_SUBSTITUTE_VALUE,
      Quality.UNCERTAIN_SUB_NORMAL,
      Quality.BAD,
      Quality.BAD_TIMEOUT,
      Quality.BAD_NO_COMMUNICATION,
      Quality.BAD_WAITING_FOR_INITIAL_DATA,
      Quality.BAD_NODE_ID_UNKNOWN,
      Quality.BAD_OUT_OF_RANGE,
      Quality.BAD_TYPE_MISMATCH,
      Quality.BAD_CONFIGURATION_ERROR,
      Quality.BAD_NOT_CONNECTED,
      Quality.BAD_DEVICE_FAILURE,
      Quality.BAD_SENSOR_FAILURE,
      Quality.BAD_OUT_OF_SERVICE,
      Quality.BAD_NO_DATA,
      Quality.BAD_DATA_LOST
    };
    Map<String, Integer> statuses = new HashMap<>();
    for (int status : known) {
      statuses.put(Quality.name(status), status);
    }
    return Map.copyOf(statuses);
  }

  /** A status by its name; empty if there is none of that name. */
  static OptionalInt status(JsonNode json) {
    if (!json.isTextual()) {
      return OptionalInt.empty();
    }
    Integer known = STATUSES.get(json.textValue());
    if (known != null) {
      return OptionalInt.of(known);
    }
    return HEX.matcher(json.textValue()).matches()
        ? OptionalInt.of(Integer.parseUnsignedInt(json.textValue().substring(2), 16))
        : OptionalInt.empty();
  }

  /** A time as a number in a unit since 1970; empty for what is no time or lies outside. */
  static OptionalLong time(JsonNode json, TimeUnit unit) {
    if (!json.isTextual()) {
      return OptionalLong.empty();
    }
    try {
      Instant time = Instant.parse(json.textValue());
      long second =
          switch (unit) {
            case SECOND -> 1L;
            case MILLISECOND -> 1_000L;
            case MICROSECOND -> 1_000_000L;
            case NANOSECOND -> 1_000_000_000L;
          };
      return OptionalLong.of(
          Math.addExact(
              Math.multiplyExact(time.getEpochSecond(), second),
              time.getNano() / (1_000_000_000L / second)));
    } catch (DateTimeException | ArithmeticException e) {
      return OptionalLong.empty();
    }
  }

  /** Writes a cell, or tells what is wrong with it. */
  static @Nullable String set(FieldVector vector, int row, JsonNode json) {
    if (vector.getName().endsWith(Frames.STATUS_SUFFIX) && vector instanceof UInt4Vector status) {
      OptionalInt code = status(json);
      if (code.isEmpty()) {
        return expected("a status such as Good, Bad_SensorFailure or 0x80000000", json);
      }
      status.setSafe(row, code.getAsInt());
      return null;
    }
    if (json.isNull()) {
      if (!vector.getField().isNullable()) {
        return expected(word(vector.getField().getType()), json);
      }
      vector.setNull(row);
      return null;
    }
    if (vector.getField().getDictionary() != null) {
      return "is coded by a dictionary, which a correction cannot change";
    }
    return value(vector, row, json) ? null : expected(word(vector.getField().getType()), json);
  }

  private static String expected(String what, JsonNode json) {
    return "expected " + what + ", got " + JsonRows.got(json);
  }

  private static boolean value(FieldVector vector, int row, JsonNode json) {
    return switch (vector) {
      case Float8Vector real -> {
        boolean fits = json.isNumber() && Double.isFinite(json.doubleValue());
        if (fits) {
          real.setSafe(row, json.doubleValue());
        }
        yield fits;
      }
      case Float4Vector real -> {
        boolean fits = json.isNumber() && Float.isFinite(json.floatValue());
        if (fits) {
          real.setSafe(row, json.floatValue());
        }
        yield fits;
      }
      case TimeStampVector times -> {
        var type = (ArrowType.Timestamp) vector.getField().getType();
        OptionalLong time = time(json, type.getUnit());
        if (time.isPresent()) {
          times.setSafe(row, time.getAsLong());
        }
        yield time.isPresent();
      }
      case BitVector bits -> {
        if (json.isBoolean()) {
          bits.setSafe(row, json.booleanValue() ? 1 : 0);
        }
        yield json.isBoolean();
      }
      case VarCharVector texts -> {
        if (json.isTextual()) {
          texts.setSafe(row, json.textValue().getBytes(StandardCharsets.UTF_8));
        }
        yield json.isTextual();
      }
      case VarBinaryVector binary -> {
        byte[] bytes = bytes(json);
        if (bytes != null) {
          binary.setSafe(row, bytes);
        }
        yield bytes != null;
      }
      case FixedSizeListVector list -> list(list, row, json);
      default -> whole(vector, row, json);
    };
  }

  private static boolean list(FixedSizeListVector list, int row, JsonNode json) {
    if (!json.isArray() || json.size() != list.getListSize()) {
      return false;
    }
    int first = list.startNewValue(row);
    FieldVector inner = list.getDataVector();
    for (int i = 0; i < json.size(); i++) {
      if (set(inner, first + i, json.get(i)) != null) {
        return false;
      }
    }
    return true;
  }

  private static boolean whole(FieldVector vector, int row, JsonNode json) {
    if (!(vector.getField().getType() instanceof ArrowType.Int type) || !json.isNumber()) {
      return false;
    }
    BigInteger value;
    try {
      value = new BigDecimal(json.asText()).toBigIntegerExact();
    } catch (ArithmeticException | NumberFormatException e) {
      return false;
    }
    int bits = type.getBitWidth() - (type.getIsSigned() ? 1 : 0);
    if (value.bitLength() > bits || !type.getIsSigned() && value.signum() < 0) {
      return false;
    }
    long number = value.longValue();
    switch (vector) {
      case BigIntVector it -> it.setSafe(row, number);
      case IntVector it -> it.setSafe(row, (int) number);
      case SmallIntVector it -> it.setSafe(row, (int) number);
      case TinyIntVector it -> it.setSafe(row, (int) number);
      case UInt8Vector it -> it.setSafe(row, number);
      case UInt4Vector it -> it.setSafe(row, (int) number);
      case UInt2Vector it -> it.setSafe(row, (int) number);
      case UInt1Vector it -> it.setSafe(row, (int) number);
      default -> {
        return false;
      }
    }
    return true;
  }

  /** Bytes in Base64. */
  static byte @Nullable [] bytes(JsonNode json) {
    if (!json.isTextual()) {
      return null;
    }
    try {
      return Base64.getDecoder().decode(json.textValue());
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static String word(ArrowType type) {
    return switch (type) {
      case ArrowType.FloatingPoint _ -> "a number";
      case ArrowType.Int whole ->
          "a whole number of "
              + whole.getBitWidth()
              + (whole.getIsSigned() ? " bits" : " bits without a sign");
      case ArrowType.Timestamp _ -> "a time such as 2026-01-31T08:00:00Z";
      case ArrowType.Bool _ -> "true or false";
      case ArrowType.Utf8 _ -> "a text";
      case ArrowType.Binary _ -> "bytes in Base64";
      case ArrowType.FixedSizeList list ->
          "a list of exactly " + list.getListSize() + " fitting values";
      default -> "a value of type " + type + ", which cannot be corrected here";
    };
  }
}
