package kr.madang.inference;

import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.jspecify.annotations.Nullable;

/**
 * The outputs of one batch on their way into columns: given to ONNX Runtime as the memory to write
 * to where every row of the output is run, else copied to the rows they belong to.
 */
final class OutputColumns {
  private final Execution execution;
  private final List<OutputFields> fields;
  private final FrameAssembly frames;
  private final int rows;
  private final int running;
  private final @Nullable ArrowBuf[] direct;

  /**
   * Prepares the outputs for a run.
   *
   * @param rows of the output batch
   * @param running rows that are run
   * @param padded rows that need room in the run
   */
  OutputColumns(
      Execution execution,
      List<OutputFields> fields,
      FrameAssembly frames,
      int rows,
      int running,
      int padded) {
    this.execution = execution;
    this.fields = fields;
    this.frames = frames;
    this.rows = rows;
    this.running = running;
    this.direct = new @Nullable ArrowBuf[fields.size()];
    for (int i = 0; i < direct.length; i++) {
      OutputTensor output = execution.outputs().get(i);
      if (rows == running && fields.get(i).direct(output)) {
        ArrowBuf buffer = frames.buffer(padded * output.rowBytes());
        output.into(buffer.memoryAddress());
        direct[i] = buffer;
      } else {
        output.intoStaging(padded);
      }
    }
  }

  /** Adds all output columns, each with its status. */
  void finish(@Nullable Triage mixed) {
    ArrowBuf all = frames.allSet();
    ArrowBuf valid = all;
    ArrowBuf statuses = null;
    int[] places = InputTensor.ALL;
    if (mixed != null) {
      statuses = frames.buffer(rows * 4L);
      int[] kept = mixed.kept();
      for (int i = 0; i < rows; i++) {
        Memory.putInt(statuses.memoryAddress() + i * 4L, mixed.status(kept[i]));
      }
      if (running < rows) {
        valid = frames.zeros((rows + 7) / 8);
        places = places(mixed, kept, valid);
      }
    }
    for (int i = 0; i < direct.length; i++) {
      OutputTensor output = execution.outputs().get(i);
      OutputFields made = fields.get(i);
      ArrowBuf buffer = direct[i];
      for (int column = 0; column < made.fields().size(); column++) {
        if (buffer != null) {
          frames.fixed(valid, buffer);
        } else {
          int first = made.split() ? column : 0;
          int count = made.split() ? 1 : output.elements();
          copied(output, first, count, places, valid);
        }
        if (statuses == null) {
          frames.good();
        } else {
          frames.fixed(all, statuses);
        }
      }
    }
  }

  /** The output row of each row that was run; sets the bits of these. */
  private int[] places(Triage mixed, int[] kept, ArrowBuf valid) {
    int[] places = new int[running];
    int next = 0;
    for (int row = 0; row < rows; row++) {
      if (!mixed.skipped(kept[row])) {
        places[next++] = row;
        long at = valid.memoryAddress() + (row >> 3);
        Memory.putByte(at, (byte) (Memory.getByte(at) | 1 << (row & 7)));
      }
    }
    return places;
  }

  private void copied(OutputTensor output, int first, int count, int[] places, ArrowBuf valid) {
    ElementType type = output.spec().type();
    if (type == ElementType.STRING) {
      texts(output, first, count, places, valid);
      return;
    }
    long cells = (long) rows * count;
    ArrowBuf data =
        switch (type) {
          case BOOL -> frames.zeros((cells + 7) / 8);
          case FLOAT16, BFLOAT16 -> frames.zeros(cells * 4);
          default ->
              places.length == 0
                  ? frames.buffer(cells * type.size)
                  : frames.zeros(cells * type.size);
        };
    long to = data.memoryAddress();
    for (int i = 0; i < running; i++) {
      long from = (long) i * output.elements() + first;
      long cell = (long) (places.length == 0 ? i : places[i]) * count;
      for (int j = 0; j < count; j++) {
        element(type, output.base(), from + j, to, cell + j);
      }
    }
    frames.fixed(valid, data);
  }

  private static void element(ElementType type, long base, long from, long to, long cell) {
    switch (type) {
      case BOOL -> {
        if (Memory.getByte(base + from) != 0) {
          long at = to + (cell >>> 3);
          Memory.putByte(at, (byte) (Memory.getByte(at) | 1 << (cell & 7)));
        }
      }
      case FLOAT16, BFLOAT16 ->
          Memory.putFloat(to + (cell << 2), (float) Cells.number(type, base, from));
      default -> Memory.copyElement(base + from * type.size, to + cell * type.size, type.size);
    }
  }

  private void texts(OutputTensor output, int first, int count, int[] places, ArrowBuf valid) {
    String[] values = new String[rows * count];
    java.util.Arrays.fill(values, "");
    for (int i = 0; i < running; i++) {
      int cell = (places.length == 0 ? i : places[i]) * count;
      for (int j = 0; j < count; j++) {
        values[cell + j] = output.text(i * output.elements() + first + j);
      }
    }
    frames.texts(valid, values);
  }
}
