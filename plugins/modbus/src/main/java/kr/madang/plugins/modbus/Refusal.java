package kr.madang.plugins.modbus;

import com.digitalpetri.modbus.ExceptionCode;
import kr.madang.sdk.batch.Quality;

/**
 * What an exception code of a device means for the tags of a request.
 *
 * @param status of the tags
 * @param why for people
 * @param byAddress whether a smaller request for some of the registers may succeed
 */
record Refusal(int status, String why, boolean byAddress) {
  private static final Refusal[] KNOWN = new Refusal[256];

  static {
    for (int code = 0; code < KNOWN.length; code++) {
      int number = code;
      KNOWN[code] =
          ExceptionCode.from(code)
              .map(Refusal::of)
              .orElseGet(() -> new Refusal(Quality.BAD, "exception code " + number, false));
    }
  }

  static Refusal of(int code) {
    return KNOWN[code];
  }

  private static Refusal of(ExceptionCode code) {
    return switch (code) {
      case ILLEGAL_FUNCTION ->
          new Refusal(
              Quality.BAD_CONFIGURATION_ERROR,
              "illegal function: the device does not have this table",
              false);
      case ILLEGAL_DATA_ADDRESS ->
          new Refusal(Quality.BAD_NODE_ID_UNKNOWN, "illegal data address", true);
      // Some devices answer this where a request is longer than they like.
      case ILLEGAL_DATA_VALUE ->
          new Refusal(Quality.BAD_NODE_ID_UNKNOWN, "illegal data value", true);
      case SLAVE_DEVICE_FAILURE -> new Refusal(Quality.BAD_DEVICE_FAILURE, "device failure", false);
      case ACKNOWLEDGE, SLAVE_DEVICE_BUSY ->
          new Refusal(Quality.BAD_NO_DATA, "the device is busy", false);
      case MEMORY_PARITY_ERROR ->
          new Refusal(Quality.BAD_DEVICE_FAILURE, "memory parity error", false);
      case GATEWAY_PATH_UNAVAILABLE ->
          new Refusal(Quality.BAD_NO_COMMUNICATION, "gateway has no path to this unit", false);
      case GATEWAY_TARGET_DEVICE_FAILED_TO_RESPONSE ->
          new Refusal(
              Quality.BAD_NO_COMMUNICATION, "the unit does not answer to the gateway", false);
    };
  }
}
