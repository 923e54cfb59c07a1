package kr.madang.engine.compare;

import java.util.List;
import java.util.Objects;
import kr.madang.sdk.batch.Frames;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.jspecify.annotations.Nullable;

/** Reads frames, and any other rows with a column of times. */
final class FrameReader extends RowReader {
  private final Times times;
  private final Cells[] cells;
  private final @Nullable UInt4Vector[] statuses;

  FrameReader(ArrowFile file, String key, Layout layout) {
    super(file);
    VectorSchemaRoot root = file.root();
    List<Layout.Column> columns = layout.columns();
    times = Objects.requireNonNull(Times.of(root.getVector(key)));
    cells = new Cells[columns.size()];
    statuses = new UInt4Vector[columns.size()];
    for (int i = 0; i < cells.length; i++) {
      String name = columns.get(i).name();
      FieldVector column = Objects.requireNonNull(root.getVector(name));
      cells[i] = Cells.of(file, column, columns.get(i), i);
      statuses[i] =
          columns.get(i).status() ? (UInt4Vector) root.getVector(Frames.status(name)) : null;
    }
  }

  @Override
  void fill(int row, Row into) {
    into.timed = times.isSet(row);
    into.time = into.timed ? times.get(row) : 0;
    for (int i = 0; i < cells.length; i++) {
      cells[i].read(row, into);
      UInt4Vector status = statuses[i];
      into.statuses[i] = status == null || status.isNull(row) ? 0 : status.get(row);
    }
  }
}
