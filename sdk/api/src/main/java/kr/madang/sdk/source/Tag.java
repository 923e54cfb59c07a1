package kr.madang.sdk.source;

import java.nio.charset.StandardCharsets;

/**
 * One measured point.
 *
 * @param name any UTF-8 of 1 to 255 bytes without control characters: {@code pump1/current}
 * @param unit the engineering unit as a UCUM code; empty where there is none
 * @param description one line for people; may be empty
 */
public record Tag(String name, String unit, String description) {
  /** Checks the name. */
  public Tag {
    int bytes = name.getBytes(StandardCharsets.UTF_8).length;
    if (bytes == 0 || bytes > 255 || name.chars().anyMatch(Character::isISOControl)) {
      throw new IllegalArgumentException(
          "tag name must have 1 to 255 bytes and no control character, got "
              + (bytes > 255 ? bytes + " bytes" : "'" + name + "'"));
    }
  }

  /** A tag without a unit. */
  public Tag(String name) {
    this(name, "", "");
  }
}
