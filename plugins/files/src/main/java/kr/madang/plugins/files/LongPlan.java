package kr.madang.plugins.files;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import kr.madang.plugins.files.SourceConfig.SampleColumns;
import org.apache.arrow.vector.types.pojo.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A row is a sample of a tag.
 *
 * @param canonical whether the file has every column of a samples batch, as the sink writes them
 */
record LongPlan(
    String timeColumn,
    String tag,
    String value,
    @Nullable String status,
    @Nullable String unit,
    boolean canonical)
    implements RowPlan {
  /** What {@link kr.madang.sdk.batch.Samples#SCHEMA} has beside tag, value and times. */
  static final List<String> CANONICAL = List.of("long", "text", "bytes", "status", "receiveTime");

  static LongPlan of(SourceConfig config, String where, List<ColumnInfo> columns) {
    SampleColumns wish = config.samples();
    RowPlan.find(where, "samples.tag", wish.tag(), columns);
    RowPlan.find(where, "samples.value", wish.value(), columns);
    wish.status().ifPresent(name -> RowPlan.find(where, "samples.status", name, columns));
    wish.unit().ifPresent(name -> RowPlan.find(where, "samples.unit", name, columns));
    List<String> names = columns.stream().map(ColumnInfo::name).toList();
    boolean canonical = names.containsAll(CANONICAL) && names.contains("sourceTime");
    return new LongPlan(
        RowPlan.timeColumn(config, where, columns),
        wish.tag(),
        wish.value(),
        wish.status().orElse(canonical ? "status" : null),
        wish.unit().orElse(null),
        canonical);
  }

  @Override
  public List<String> needed() {
    List<String> needed = new ArrayList<>(List.of(timeColumn, tag, value));
    if (status != null) {
      needed.add(status);
    }
    if (unit != null) {
      needed.add(unit);
    }
    if (canonical) {
      needed.addAll(CANONICAL);
    }
    return needed;
  }

  @Override
  public Optional<Schema> schema() {
    return Optional.empty();
  }
}
