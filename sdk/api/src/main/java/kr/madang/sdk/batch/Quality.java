package kr.madang.sdk.batch;

/**
 * Status codes of samples: OPC UA {@code StatusCode}, a uint32 kept in an {@code int}. The two
 * highest bits say Good, Uncertain or Bad; the rest is the reason (OPC 10000-4 §7.39, OPC 10000-8
 * §7.3).
 */
public final class Quality {
  /** The value can be used. */
  public static final int GOOD = 0;

  /** The value may be wrong, for no stated reason. */
  public static final int UNCERTAIN = 0x4000_0000;

  /** The source stopped updating; this is the last value it gave. */
  public static final int UNCERTAIN_LAST_USABLE_VALUE = 0x4090_0000;

  /** The value was put in by hand or by a rule. */
  public static final int UNCERTAIN_SUBSTITUTE_VALUE = 0x4091_0000;

  /** The value was computed from fewer good values than asked for. */
  public static final int UNCERTAIN_SUB_NORMAL = 0x4095_0000;

  /** The value cannot be used, for no stated reason. */
  public static final int BAD = 0x8000_0000;

  /** The source did not answer in time. */
  public static final int BAD_TIMEOUT = 0x800A_0000;

  /** The source cannot be reached. */
  public static final int BAD_NO_COMMUNICATION = 0x8031_0000;

  /** No value has come yet. */
  public static final int BAD_WAITING_FOR_INITIAL_DATA = 0x8032_0000;

  /** The source does not know the address. */
  public static final int BAD_NODE_ID_UNKNOWN = 0x8034_0000;

  /** The value is outside of what its type or its config allows. */
  public static final int BAD_OUT_OF_RANGE = 0x803C_0000;

  /** The value is of another type than declared. */
  public static final int BAD_TYPE_MISMATCH = 0x8074_0000;

  /** Something in the config of the tag is wrong. */
  public static final int BAD_CONFIGURATION_ERROR = 0x8089_0000;

  /** The tag is not connected to anything. */
  public static final int BAD_NOT_CONNECTED = 0x808A_0000;

  /** The device failed. */
  public static final int BAD_DEVICE_FAILURE = 0x808B_0000;

  /** The sensor failed. */
  public static final int BAD_SENSOR_FAILURE = 0x808C_0000;

  /** The source is switched off on purpose. */
  public static final int BAD_OUT_OF_SERVICE = 0x808D_0000;

  /** There is no data for the time asked for. */
  public static final int BAD_NO_DATA = 0x809B_0000;

  /** Data of this time was lost. */
  public static final int BAD_DATA_LOST = 0x809D_0000;

  private Quality() {}

  /** Whether a value of this status can be used as it is. */
  public static boolean isGood(int status) {
    return status >>> 30 == 0;
  }

  /** Whether a value of this status may be wrong. */
  public static boolean isUncertain(int status) {
    return status >>> 30 == 1;
  }

  /** Whether a value of this status must not be used. */
  public static boolean isBad(int status) {
    return status >>> 30 >= 2;
  }

  /** The worse of two statuses; of two equally bad ones the first, since it came first. */
  public static int worst(int first, int second) {
    return second >>> 30 > first >>> 30 ? second : first;
  }

  /** The name of a status as OPC UA spells it, or its hexadecimal form. */
  public static String name(int status) {
    return switch (status & 0xFFFF_0000) {
      case GOOD -> "Good";
      case UNCERTAIN -> "Uncertain";
      case UNCERTAIN_LAST_USABLE_VALUE -> "Uncertain_LastUsableValue";
      case UNCERTAIN_SUBSTITUTE_VALUE -> "Uncertain_SubstituteValue";
      case UNCERTAIN_SUB_NORMAL -> "Uncertain_SubNormal";
      case BAD -> "Bad";
      case BAD_TIMEOUT -> "Bad_Timeout";
      case BAD_NO_COMMUNICATION -> "Bad_NoCommunication";
      case BAD_WAITING_FOR_INITIAL_DATA -> "Bad_WaitingForInitialData";
      case BAD_NODE_ID_UNKNOWN -> "Bad_NodeIdUnknown";
      case BAD_OUT_OF_RANGE -> "Bad_OutOfRange";
      case BAD_TYPE_MISMATCH -> "Bad_TypeMismatch";
      case BAD_CONFIGURATION_ERROR -> "Bad_ConfigurationError";
      case BAD_NOT_CONNECTED -> "Bad_NotConnected";
      case BAD_DEVICE_FAILURE -> "Bad_DeviceFailure";
      case BAD_SENSOR_FAILURE -> "Bad_SensorFailure";
      case BAD_OUT_OF_SERVICE -> "Bad_OutOfService";
      case BAD_NO_DATA -> "Bad_NoData";
      case BAD_DATA_LOST -> "Bad_DataLost";
      default -> "0x%08X".formatted(status);
    };
  }
}
