package kr.madang.plugins.modbus;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * Registers in a CSV file: UTF-8, commas, a header with the names of the components of {@link
 * Register} in any order. An empty cell is left out.
 */
final class RegisterFile {
  private static final long MAX_BYTES = 16L << 20;
  private static final List<String> COLUMNS =
      Arrays.stream(Register.class.getRecordComponents()).map(c -> c.getName()).toList();

  private final Map<String, Integer> columns = new HashMap<>();

  private RegisterFile(CsvRecord header) {
    for (int i = 0; i < header.getFieldCount(); i++) {
      String name = header.getField(i).strip();
      if (!COLUMNS.contains(name)) {
        throw new IllegalArgumentException(
            "header: expected only columns of "
                + String.join(",", COLUMNS)
                + ", got '"
                + name
                + "'");
      }
      if (columns.put(name, i) != null) {
        throw new IllegalArgumentException(
            "header: expected each column once, got " + name + " twice");
      }
    }
    for (String name : List.of("tag", "address")) {
      if (!columns.containsKey(name)) {
        throw new IllegalArgumentException("header: expected a column " + name + ", got none");
      }
    }
  }

  static List<Register> read(Path file) {
    String text = text(file);
    List<Register> registers = new ArrayList<>();
    long line = 1;
    try (CsvReader<CsvRecord> csv =
        CsvReader.builder()
            .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
            .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
            .ofCsvRecord(text)) {
      RegisterFile reader = null;
      for (CsvRecord row : csv) {
        line = row.getStartingLineNumber();
        if (reader == null) {
          reader = new RegisterFile(row);
        } else {
          registers.add(reader.register(row));
        }
      }
      if (reader == null) {
        throw new IllegalArgumentException(
            "header: expected tag,table,address,…, got an empty file");
      }
    } catch (IllegalArgumentException e) {
      throw invalid(file, "line " + line + ": " + e.getMessage(), e);
    } catch (CsvParseException e) {
      throw invalid(file, "after line " + line + ": " + e.getMessage(), e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
    return registers;
  }

  private static String text(Path file) {
    try {
      long size = Files.size(file);
      if (size > MAX_BYTES) {
        throw invalid(file, "expected at most " + MAX_BYTES + " bytes, got " + size, null);
      }
      String text = Files.readString(file);
      return text.startsWith("\uFEFF") ? text.substring(1) : text;
    } catch (CharacterCodingException e) {
      throw invalid(file, "expected UTF-8, got another encoding; save it as CSV UTF-8", e);
    } catch (IOException e) {
      throw unreadable(file, e);
    }
  }

  private Register register(CsvRecord row) {
    if (row.getFieldCount() != columns.size()) {
      throw new IllegalArgumentException(
          "expected " + columns.size() + " cells as in the header, got " + row.getFieldCount());
    }
    return new Register(
        required(row, "tag"),
        cell(row, "table", text -> word(Table.class, text)),
        required(row, "address"),
        cell(row, "type", text -> word(Type.class, text)),
        cell(row, "unit", text -> text).orElse(""),
        cell(row, "unitId", RegisterFile::integer),
        cell(row, "scale", RegisterFile::number).orElse(1.0),
        cell(row, "offset", RegisterFile::number).orElse(0.0),
        cell(row, "byteOrder", text -> word(Order.class, text)),
        cell(row, "wordOrder", text -> word(Order.class, text)),
        cell(row, "length", RegisterFile::integer),
        cell(row, "bit", RegisterFile::integer),
        cell(row, "description", text -> text).orElse(""));
  }

  private String required(CsvRecord row, String column) {
    return cell(row, column, text -> text)
        .orElseThrow(() -> new IllegalArgumentException(column + ": expected a value, got none"));
  }

  private <T> Optional<T> cell(CsvRecord row, String column, Function<String, T> parse) {
    Integer index = columns.get(column);
    String text = index == null ? "" : row.getField(index).strip();
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(parse.apply(text));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(column + ": expected a number, got '" + text + "'", e);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(column + ": " + e.getMessage(), e);
    }
  }

  private static Integer integer(String text) {
    return Integer.valueOf(text);
  }

  private static Double number(String text) {
    return Double.valueOf(text);
  }

  private static <E extends Enum<E>> E word(Class<E> type, String text) {
    for (E constant : type.getEnumConstants()) {
      if (constant.name().equals(text.toUpperCase(Locale.ROOT))) {
        return constant;
      }
    }
    throw new IllegalArgumentException(
        Arrays.stream(type.getEnumConstants())
            .map(Enum::toString)
            .collect(Collectors.joining(", ", "expected one of ", ", got '" + text + "'")));
  }

  private static PluginException invalid(Path file, String what, @Nullable Throwable cause) {
    return new PluginException(
        ErrorCode.CONFIG_INVALID, "registersFile " + file + ": " + what, cause);
  }

  private static PluginException unreadable(Path file, IOException cause) {
    return new PluginException(
        ErrorCode.NOT_FOUND,
        "registersFile " + file + ": expected a readable file, got " + cause,
        cause);
  }
}
