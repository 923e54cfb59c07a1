package kr.madang.engine.step;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kr.madang.sdk.batch.Samples;
import kr.madang.sdk.error.ErrorCode;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.source.Tag;
import org.apache.arrow.vector.types.pojo.Schema;

/**
 * The tags that come with samples and their units, as far as sources declare them: on the way from
 * stage to stage they are metadata of the schema, while steps are opened. Batches carry none.
 */
public final class DeclaredTags {
  private static final String PREFIX = "tag:";
  private static final String ALL = "tags";

  private final Map<String, String> units;
  private final boolean all;

  /**
   * Tags by name.
   *
   * @param units empty where none is known
   * @param all whether no other tag comes
   */
  DeclaredTags(Map<String, String> units, boolean all) {
    this.units = Collections.unmodifiableMap(new LinkedHashMap<>(units));
    this.all = all;
  }

  /** What a source declares; one that declares nothing may deliver anything. */
  public static Schema schema(List<Tag> tags) {
    Map<String, String> units = new LinkedHashMap<>();
    for (Tag tag : tags) {
      units.merge(tag.name(), tag.unit(), (first, second) -> first.isEmpty() ? second : first);
    }
    return new DeclaredTags(units, !tags.isEmpty()).schema();
  }

  /** What the schema of a stage before says. */
  static DeclaredTags of(Schema in) {
    Map<String, String> units = new LinkedHashMap<>();
    in.getCustomMetadata().keySet().stream()
        .filter(key -> key.startsWith(PREFIX))
        .sorted()
        .forEach(key -> units.put(key.substring(PREFIX.length()), in.getCustomMetadata().get(key)));
    return new DeclaredTags(units, in.getCustomMetadata().containsKey(ALL));
  }

  /**
   * What a stage gets that reads from two.
   *
   * @throws PluginException SCHEMA_MISFIT for a tag that comes in two units
   */
  public static Schema merged(String stage, Schema first, Schema second) {
    DeclaredTags one = of(first);
    DeclaredTags other = of(second);
    Map<String, String> units = new LinkedHashMap<>(one.units);
    other.units.forEach((tag, unit) -> {
      String known = units.getOrDefault(tag, "");
      if (!known.isEmpty() && !unit.isEmpty() && !known.equals(unit)) {
        throw new PluginException(
            ErrorCode.SCHEMA_MISFIT,
            "'%s' gets tag '%s' in unit '%s' and in unit '%s'; declare one unit, or give the tags different names"
                .formatted(stage, tag, known, unit));
      }
      units.put(tag, known.isEmpty() ? unit : known);
    });
    return new DeclaredTags(units, one.all && other.all).schema();
  }

  /** A schema as batches have it. */
  public static Schema stripped(Schema schema) {
    return Samples.matches(schema) ? Samples.SCHEMA : schema;
  }

  Schema schema() {
    Map<String, String> metadata = new HashMap<>();
    units.forEach((tag, unit) -> metadata.put(PREFIX + tag, unit));
    if (all) {
      metadata.put(ALL, "all");
    }
    return new Schema(Samples.SCHEMA.getFields(), metadata);
  }

  Map<String, String> units() {
    return units;
  }

  String unit(String tag) {
    return units.getOrDefault(tag, "");
  }

  /** Whether it is known that a tag never comes. */
  boolean lacks(String tag) {
    return all && !units.containsKey(tag);
  }

  /** Whether no other tag comes. */
  boolean all() {
    return all;
  }
}
