package kr.madang.plugins.files;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Arrays;
import java.util.Optional;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;

/**
 * How the text of CSV files is written.
 *
 * @param separator empty means that the header tells
 */
record CsvFormat(Optional<Character> separator, char decimal, Charset charset) {
  private static final byte[] PROBE = {'a', '\r', '\n', '"', ',', ';', '|', '\t', '0'};

  static CsvFormat of(SourceConfig config) {
    Optional<Character> separator = config.separator().map(text -> one("separator", text));
    char decimal = one("decimal", config.decimal());
    if (separator.isPresent() && separator.get() == decimal) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "decimal: expected another character than the separator, got '" + decimal + "' for both");
    }
    return new CsvFormat(separator, decimal, charset(config.charset()));
  }

  static char one(String key, String text) {
    String meant = text.equals("\\t") ? "\t" : text;
    if (meant.length() != 1
        || meant.charAt(0) > 126
        || Character.isLetterOrDigit(meant.charAt(0))
        || "\r\n\"".contains(meant)) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          key
              + ": expected one ASCII character that is no letter, digit, quote or line break, got"
              + " '"
              + text
              + "'");
    }
    return meant.charAt(0);
  }

  static Charset charset(String name) {
    try {
      Charset charset = Charset.forName(name);
      if (Arrays.equals(new String(PROBE, charset).getBytes(charset), PROBE)
          && new String(PROBE, charset).equals(new String(PROBE, Charset.forName("US-ASCII")))) {
        return charset;
      }
    } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
      throw new PluginException(
          ErrorCode.CONFIG_INVALID,
          "charset: expected the name of a character set such as UTF-8, MS949 or windows-1252, got"
              + " '"
              + name
              + "'",
          e);
    }
    throw new PluginException(
        ErrorCode.CONFIG_INVALID,
        "charset: expected one that contains ASCII, got '" + name + "'; convert the file to UTF-8");
  }

  /** The text of some bytes. */
  String decode(byte[] bytes, int from, int to) throws CharacterCodingException {
    return charset
        .newDecoder()
        .onMalformedInput(CodingErrorAction.REPORT)
        .onUnmappableCharacter(CodingErrorAction.REPORT)
        .decode(ByteBuffer.wrap(bytes, from, to - from))
        .toString();
  }

  /** The library, set up so that each line gives exactly one record. */
  static CsvReader.CsvReaderBuilder reader(char separator) {
    return CsvReader.builder()
        .fieldSeparator(separator)
        .skipEmptyLines(false)
        .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
        .missingFieldStrategy(FieldMismatchStrategy.IGNORE);
  }
}
