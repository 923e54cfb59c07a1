package kr.madang.gateway.grpc;

import com.google.protobuf.CodedInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kr.madang.control.Caller;
import kr.madang.gateway.oip.Refusal;
import kr.madang.gateway.oip.Status;
import kr.madang.gateway.oip.TraceSetting;

/** {@code TraceSettingRequest} and {@code TraceSettingResponse}. */
final class TraceMessages {
  private static final int MOST_BYTES = 1 << 20;

  private TraceMessages() {}

  static byte[] answer(Calls calls, Caller caller, byte[] message) {
    if (message.length > MOST_BYTES) {
      throw new Refusal(
          Status.TOO_LARGE, "the message may have at most %,d bytes".formatted(MOST_BYTES));
    }
    Map<String, List<String>> changes = new LinkedHashMap<>();
    String[] model = {""};
    Wire.read(
        message,
        0,
        message.length,
        (field, in) -> {
          switch (field) {
            case 1 -> setting(in, changes);
            case 2 -> model[0] = in.readStringRequireUtf8();
            default -> {
              return false;
            }
          }
          return true;
        });
    Map<String, List<String>> settings =
        TraceSetting.answer(calls.control, calls.tracing, caller, model[0], "", changes);
    return Wire.message(out -> {
      for (Map.Entry<String, List<String>> setting : settings.entrySet()) {
        out.message(
            1,
            entry -> {
              entry.text(1, setting.getKey());
              entry.message(
                  2,
                  values -> {
                    for (String value : setting.getValue()) {
                      values.item(1, value);
                    }
                  });
            });
      }
    });
  }

  /** One of the map; without a value it is cleared. */
  private static void setting(CodedInputStream in, Map<String, List<String>> to)
      throws IOException {
    String[] key = {""};
    List<String> values = new ArrayList<>(1);
    Wire.nested(
        in,
        (field, entry) -> {
          switch (field) {
            case 1 -> key[0] = entry.readStringRequireUtf8();
            case 2 ->
                Wire.nested(
                    entry,
                    (number, value) -> number == 1 && values.add(value.readStringRequireUtf8()));
            default -> {
              return false;
            }
          }
          return true;
        });
    to.put(key[0], values);
  }
}
