package kr.madang.plugins.mqtt;

import java.util.Optional;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;

/** One value of a JSON or CBOR payload, or one of each element of an array. */
record Reading(
    @Doc("JSON pointer of the value; '' is the whole payload, within each the whole element")
        @Default("''")
        String value,
    @Doc(
            "Tag with placeholders: {1}, {name}, {topic}, {key}, {/pointer}; without it that of the subscription")
        Optional<String> tag,
    @Doc("JSON pointer of an array or object of readings; the other pointers begin in its elements")
        Optional<String> each,
    @Doc("JSON pointer of the source time; without it that of the subscription")
        Optional<String> time,
    @Doc("JSON pointer of the status; without it that of the subscription") Optional<String> status,
    @Doc("auto, number, text or bytes") @Default("auto") ValueType type,
    @Doc("Engineering unit as a UCUM code") @Default("''") String unit) {

  /** Checks the pointers. */
  Reading {
    pointer("value", value);
    each.ifPresent(pointer -> pointer("each", pointer));
    time.ifPresent(pointer -> pointer("time", pointer));
    status.ifPresent(pointer -> pointer("status", pointer));
  }

  static void pointer(String field, String pointer) {
    Checks.that(
        pointer.isEmpty() || pointer.startsWith("/"),
        field,
        "a JSON pointer such as /data/temperature",
        "'" + pointer + "'");
  }
}
