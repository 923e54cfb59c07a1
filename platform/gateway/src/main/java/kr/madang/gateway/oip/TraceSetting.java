package kr.madang.gateway.oip;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.CharConversionException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kr.madang.control.Caller;
import kr.madang.control.Control;
import kr.madang.control.Role;
import kr.madang.gateway.trace.TraceSettings;
import kr.madang.gateway.trace.Tracing;

/** Which calls are traced, as Triton's extension {@code trace} asks and tells it. */
public final class TraceSetting {
  private TraceSetting() {}

  /**
   * Changes what is asked for and tells how it stands. Who sees a model may look; an operator may
   * change.
   *
   * @param model empty for all models
   * @param version has to be there if it is named; what is set counts for all versions
   * @param changes values by key, none of them to clear a setting; empty to look only
   */
  public static Map<String, List<String>> answer(
      Control control,
      Tracing tracing,
      Caller caller,
      String model,
      String version,
      Map<String, List<String>> changes) {
    Role role = changes.isEmpty() ? Role.VIEWER : Role.OPERATOR;
    control.serving().require(caller, role, model, version);
    if (!changes.isEmpty()) {
      tracing.settings().change(model, changes);
    }
    return tracing.settings().of(model);
  }

  /** Reads an object of strings, arrays of strings and nulls; an empty body changes nothing. */
  static Map<String, List<String>> read(byte[] body, int length) throws IOException {
    Map<String, List<String>> changes = new LinkedHashMap<>();
    try (JsonParser parser = RequestReader.FACTORY.createParser(body, 0, length)) {
      JsonToken first = parser.nextToken();
      if (first != null && first != JsonToken.START_OBJECT) {
        throw Refusal.invalid("the body is no JSON object: expected {\"trace_level\": [\"OFF\"]}");
      }
      if (first != null) {
        for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
          parser.nextToken();
          changes.put(key, values(parser, key));
        }
      }
    } catch (JsonProcessingException e) {
      throw RequestReader.unreadable(e);
    } catch (CharConversionException e) {
      throw Refusal.invalid("the body is no JSON in UTF-8: " + e.getMessage());
    }
    return changes;
  }

  private static List<String> values(JsonParser parser, String key) throws IOException {
    List<String> values = new ArrayList<>(1);
    switch (parser.currentToken()) {
      case VALUE_NULL -> {
        // none
      }
      case VALUE_STRING -> values.add(parser.getText());
      case START_ARRAY -> {
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw noStrings(parser, key);
          }
          values.add(parser.getText());
        }
      }
      default -> throw noStrings(parser, key);
    }
    return values;
  }

  private static Refusal noStrings(JsonParser parser, String key) throws IOException {
    return Refusal.invalid(
        "%.100s: expected a string, an array of strings or null, got %.100s"
            .formatted(key, parser.getText()));
  }

  static void write(JsonGenerator out, Map<String, List<String>> settings) throws IOException {
    out.writeStartObject();
    for (Map.Entry<String, List<String>> setting : settings.entrySet()) {
      if (TraceSettings.isArray(setting.getKey())) {
        out.writeArrayFieldStart(setting.getKey());
        for (String value : setting.getValue()) {
          out.writeString(value);
        }
        out.writeEndArray();
      } else {
        out.writeStringField(setting.getKey(), String.join(",", setting.getValue()));
      }
    }
    out.writeEndObject();
  }
}
