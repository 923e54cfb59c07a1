package kr.madang.plugins.files;

import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.BigIntVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.Float4Vector;
import org.apache.arrow.vector.Float8Vector;
import org.apache.arrow.vector.TimeStampVector;
import org.apache.arrow.vector.UInt8Vector;
import org.apache.arrow.vector.VarBinaryVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.complex.FixedSizeListVector;
import org.apache.arrow.vector.dictionary.DictionaryProvider;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
import org.jspecify.annotations.Nullable;

/** Writes cells of one vector through the library's consumer, without boxes. */
final class ParquetCell {
  private interface Put {
    void put(int row);
  }

  private final FieldVector vector;
  private final @Nullable FieldVector dictionary;
  private final Put put;
  private Binary[] texts = new Binary[0];

  private ParquetCell(
      FieldVector vector,
      DictionaryProvider dictionaries,
      RecordConsumer out,
      @Nullable ParquetCell before) {
    this.vector = vector;
    if (vector.getField().getDictionary() == null) {
      dictionary = null;
      put = put(vector, out);
      return;
    }
    dictionary = dictionaries.lookup(vector.getField().getDictionary().getId()).getVector();
    texts =
        before != null && dictionary.equals(before.dictionary) ? before.texts : texts(dictionary);
    BaseIntVector codes = (BaseIntVector) vector;
    put = row -> out.addBinary(texts[(int) codes.getValueAsLong(row)]);
  }

  /**
   * The cells of a vector.
   *
   * @param before those of the same column of the batch before
   */
  static ParquetCell of(
      FieldVector vector,
      DictionaryProvider dictionaries,
      RecordConsumer out,
      @Nullable ParquetCell before) {
    return new ParquetCell(vector, dictionaries, out, before);
  }

  private static Binary[] texts(FieldVector dictionary) {
    Binary[] texts = new Binary[dictionary.getValueCount()];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = Binary.fromString(String.valueOf(dictionary.getObject(i)));
    }
    return texts;
  }

  boolean isNull(int row) {
    return vector.isNull(row);
  }

  void write(int row) {
    put.put(row);
  }

  private static Put put(FieldVector vector, RecordConsumer out) {
    return switch (vector) {
      case Float8Vector doubles -> row -> out.addDouble(doubles.get(row));
      case Float4Vector floats -> row -> out.addFloat(floats.get(row));
      case BitVector bits -> row -> out.addBoolean(bits.get(row) == 1);
      case TimeStampVector times -> row -> out.addLong(times.get(row));
      case BigIntVector longs -> row -> out.addLong(longs.get(row));
      case UInt8Vector longs -> row -> out.addLong(longs.get(row));
      case BaseIntVector ints -> row -> out.addInteger((int) ints.getValueAsLong(row));
      case VarCharVector texts ->
          row -> out.addBinary(Binary.fromConstantByteArray(texts.get(row)));
      case VarBinaryVector bytes ->
          row -> out.addBinary(Binary.fromConstantByteArray(bytes.get(row)));
      case FixedSizeListVector list -> list(list, out);
      default -> throw new IllegalArgumentException(vector.getField().toString());
    };
  }

  private static Put list(FixedSizeListVector list, RecordConsumer out) {
    FieldVector data = list.getDataVector();
    int size = list.getListSize();
    Put element = put(data, out);
    return row -> {
      out.startGroup();
      out.startField("list", 0);
      for (int i = row * size; i < (row + 1) * size; i++) {
        out.startGroup();
        if (!data.isNull(i)) {
          out.startField("element", 0);
          element.put(i);
          out.endField("element", 0);
        }
        out.endGroup();
      }
      out.endField("list", 0);
      out.endGroup();
    };
  }
}
