package kr.madang.inference;

/** Copies one column into its place in the rows of a tensor, converting and scaling on the way. */
final class Gather {
  private Gather() {}

  /**
   * Fills rows of a tensor.
   *
   * @param elements of one row of the tensor
   * @param selection the batch rows to take, or empty for all from the first
   * @param first row of the tensor to fill
   * @param end the row of the tensor after the last to fill
   */
  static void fill(
      FieldSource source,
      ElementType target,
      long to,
      int elements,
      int[] selection,
      int first,
      int end) {
    boolean plain = !source.scaled();
    if (plain && source.type == target && target.sameInColumn()) {
      copy(source, target.size, to, elements, selection, first, end);
    } else if (target == ElementType.FLOAT32 && source.type == ElementType.FLOAT64) {
      doublesToFloats(source, to, elements, selection, first, end);
    } else if (target == ElementType.FLOAT32 && source.type == ElementType.FLOAT32) {
      floatsToFloats(source, to, elements, selection, first, end);
    } else if (!target.isFloat() && !source.type.isFloat()) {
      integers(source, target, to, elements, selection, first, end);
    } else {
      numbers(source, target, to, elements, selection, first, end);
    }
  }

  private static int row(int[] selection, int i) {
    return selection.length == 0 ? i : selection[i];
  }

  private static void copy(
      FieldSource source, int size, long to, int elements, int[] selection, int first, int end) {
    long length = source.length;
    if (selection.length == 0 && length == elements && source.place.stride() == 1) {
      long bytes = length * size;
      Memory.copy(source.values() + first * bytes, to + first * bytes, (end - first) * bytes);
      return;
    }
    for (int i = first; i < end; i++) {
      long from = source.values() + row(selection, i) * length * size;
      long cell = to + ((long) i * elements + source.place.offset()) * size;
      if (length > 1 && source.place.stride() == 1) {
        Memory.copy(from, cell, length * size);
      } else {
        long step = source.place.stride() * size;
        for (int j = 0; j < length; j++) {
          Memory.copyElement(from + (long) j * size, cell + j * step, size);
        }
      }
    }
  }

  private static void doublesToFloats(
      FieldSource source, long to, int elements, int[] selection, int first, int end) {
    int length = source.length;
    double mean = source.mean;
    double deviation = source.deviation;
    boolean scaled = source.scaled();
    long step = source.place.stride() << 2;
    long rowStep = (long) elements << 2;
    long start = to + (source.place.offset() << 2);
    if (length == 1 && selection.length == 0 && !scaled) {
      for (int i = first; i < end; i++) {
        Memory.putFloat(
            start + i * rowStep, (float) Memory.getDouble(source.values() + ((long) i << 3)));
      }
      return;
    }
    for (int i = first; i < end; i++) {
      long from = source.values() + ((long) row(selection, i) * length << 3);
      long cell = start + i * rowStep;
      if (scaled) {
        for (int j = 0; j < length; j++) {
          double value = Memory.getDouble(from + ((long) j << 3));
          Memory.putFloat(cell + j * step, (float) ((value - mean) / deviation));
        }
      } else {
        for (int j = 0; j < length; j++) {
          Memory.putFloat(cell + j * step, (float) Memory.getDouble(from + ((long) j << 3)));
        }
      }
    }
  }

  private static void floatsToFloats(
      FieldSource source, long to, int elements, int[] selection, int first, int end) {
    int length = source.length;
    double mean = source.mean;
    double deviation = source.deviation;
    long step = source.place.stride() << 2;
    long rowStep = (long) elements << 2;
    long start = to + (source.place.offset() << 2);
    for (int i = first; i < end; i++) {
      long from = source.values() + ((long) row(selection, i) * length << 2);
      long cell = start + i * rowStep;
      for (int j = 0; j < length; j++) {
        double value = Memory.getFloat(from + ((long) j << 2));
        Memory.putFloat(cell + j * step, (float) ((value - mean) / deviation));
      }
    }
  }

  private static void integers(
      FieldSource source,
      ElementType target,
      long to,
      int elements,
      int[] selection,
      int first,
      int end) {
    for (int i = first; i < end; i++) {
      long from = (long) row(selection, i) * source.length;
      long cell = (long) i * elements + source.place.offset();
      for (int j = 0; j < source.length; j++) {
        Cells.put(target, to, cell + j * source.place.stride(), source.integer(from + j));
      }
    }
  }

  private static void numbers(
      FieldSource source,
      ElementType target,
      long to,
      int elements,
      int[] selection,
      int first,
      int end) {
    for (int i = first; i < end; i++) {
      long from = (long) row(selection, i) * source.length;
      long cell = (long) i * elements + source.place.offset();
      for (int j = 0; j < source.length; j++) {
        double value = source.number(from + j);
        Cells.put(
            target, to, cell + j * source.place.stride(), (value - source.mean) / source.deviation);
      }
    }
  }

  /** Takes texts row by row. */
  static void texts(
      FieldSource source, String[] to, int elements, int[] selection, int first, int end) {
    for (int i = first; i < end; i++) {
      long from = (long) row(selection, i) * source.length;
      long cell = (long) i * elements + source.place.offset();
      for (int j = 0; j < source.length; j++) {
        to[(int) (cell + j * source.place.stride())] = source.text(from + j);
      }
    }
  }
}
