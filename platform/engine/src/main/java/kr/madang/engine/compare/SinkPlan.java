package kr.madang.engine.compare;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import kr.madang.engine.compare.Layout.Column;
import kr.madang.sdk.batch.Frames;
import org.apache.arrow.vector.UInt4Vector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.types.pojo.Field;
import org.jspecify.annotations.Nullable;

/**
 * What of two files can be compared.
 *
 * @param problem why nothing can, or null
 * @param samples whether both are samples
 * @param layout the columns that both have
 * @param onlyInA columns that only A has
 * @param onlyInB columns that only B has
 * @param notes columns that both have and that cannot be compared, and why
 */
record SinkPlan(
    @Nullable String problem,
    boolean samples,
    Layout layout,
    List<String> onlyInA,
    List<String> onlyInB,
    List<String> notes) {

  static SinkPlan of(ArrowFile a, ArrowFile b, String key) {
    boolean samplesA = SampleReader.reads(a);
    boolean samplesB = SampleReader.reads(b);
    if (samplesA != samplesB) {
      return problem(
          "A holds "
              + (samplesA ? "samples" : "frames")
              + " and B "
              + (samplesB ? "samples" : "frames")
              + ": they have no columns to compare");
    }
    if (samplesA) {
      boolean known = key.equals(Frames.TIME) || Times.of(a.root().getVector(key)) != null;
      return known
          ? new SinkPlan(null, true, Layout.SAMPLES, List.of(), List.of(), List.of())
          : problem("samples are matched by time, sourceTime or receiveTime, got key " + key);
    }
    String missing = keyProblem("A", a, key);
    missing = missing == null ? keyProblem("B", b, key) : missing;
    return missing == null ? frames(a.root(), b.root(), key) : problem(missing);
  }

  private static SinkPlan problem(String problem) {
    return new SinkPlan(problem, false, new Layout(List.of(), 0), List.of(), List.of(), List.of());
  }

  private static @Nullable String keyProblem(String side, ArrowFile file, String key) {
    if (Times.of(file.root().getVector(key)) != null) {
      return null;
    }
    String candidates =
        file.root().getFieldVectors().stream()
            .filter(vector -> Times.of(vector) != null)
            .map(vector -> vector.getName())
            .collect(Collectors.joining(", "));
    return side
        + " has no column of timestamps named "
        + key
        + " to match rows by; "
        + (candidates.isEmpty()
            ? "it has no timestamps at all"
            : "name one of these as key: " + candidates);
  }

  private static SinkPlan frames(VectorSchemaRoot a, VectorSchemaRoot b, String key) {
    List<Column> columns = new ArrayList<>();
    List<String> onlyInA = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    int cells = 0;
    int both = 0;
    for (Field field : fields(a, key)) {
      String name = field.getName();
      if (b.getVector(name) == null) {
        onlyInA.add(name);
        continue;
      }
      FieldType typeA = FieldType.of(field);
      FieldType typeB = FieldType.of(b.getVector(name).getField());
      if (typeA.number() != typeB.number() || typeA.width() != typeB.width()) {
        notes.add(
            "column "
                + name
                + " is "
                + typeA.text()
                + " in A and "
                + typeB.text()
                + " in B: its values are not compared");
      } else if (both++ < SinkTally.MOST_COLUMNS) {
        columns.add(
            new Column(
                name,
                field.getMetadata().getOrDefault(Frames.UNIT, ""),
                typeA.text(),
                typeB.text(),
                cells,
                typeA.width(),
                hasStatus(a, name) && hasStatus(b, name)));
        cells += typeA.width();
      }
    }
    if (both > columns.size()) {
      notes.add(
          "of "
              + Say.count(both)
              + " columns the first "
              + Say.count(columns.size())
              + " are compared");
    }
    List<String> onlyInB =
        fields(b, key).stream()
            .map(Field::getName)
            .filter(name -> a.getVector(name) == null)
            .toList();
    return new SinkPlan(null, false, new Layout(columns, cells), onlyInA, onlyInB, notes);
  }

  private static boolean hasStatus(VectorSchemaRoot root, String name) {
    return root.getVector(Frames.status(name)) instanceof UInt4Vector;
  }

  /** The columns with values: neither the key nor the status of another column. */
  static List<Field> fields(VectorSchemaRoot root, String key) {
    return root.getSchema().getFields().stream()
        .filter(field -> !field.getName().equals(key) && !isStatus(root, field.getName()))
        .toList();
  }

  private static boolean isStatus(VectorSchemaRoot root, String name) {
    return name.endsWith(Frames.STATUS_SUFFIX)
        && hasStatus(root, name.substring(0, name.length() - Frames.STATUS_SUFFIX.length()));
  }
}
