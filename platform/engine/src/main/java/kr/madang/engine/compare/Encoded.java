package kr.madang.engine.compare;

import java.util.Arrays;
import java.util.function.IntFunction;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.FieldVector;
import org.jspecify.annotations.Nullable;

/** The cells of a dictionary-encoded column, as texts. */
final class Encoded implements Cells {
  private final ArrowFile file;
  private final FieldVector vector;
  private final FieldVector dictionary;
  private final IntFunction<String> texts;
  private final int number;
  private @Nullable String[] decoded = new String[0];
  private int age = -1;

  Encoded(ArrowFile file, FieldVector vector, FieldVector dictionary, int number) {
    this.file = file;
    this.vector = vector;
    this.dictionary = dictionary;
    this.texts = Cells.text(dictionary);
    this.number = number;
  }

  @Override
  public void read(int row, Row into) {
    String text = vector.isNull(row) ? null : textAt(index(row));
    into.kinds[number] = text == null ? Row.MISSING : Row.TEXT;
    into.texts[number] = text;
  }

  /** The number of a row's text in the dictionary; the row must not be null. */
  int index(int row) {
    return (int) ((BaseIntVector) vector).getValueAsLong(row);
  }

  /** The text of a number, or null. */
  @Nullable String textAt(int index) {
    if (age != file.dictionaryAge() || decoded.length != dictionary.getValueCount()) {
      age = file.dictionaryAge();
      decoded = new String[dictionary.getValueCount()];
      Arrays.setAll(decoded, i -> dictionary.isNull(i) ? null : texts.apply(i));
    }
    return decoded[index];
  }
}
