package kr.madang.host;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import kr.madang.sdk.Plugin;
import kr.madang.sdk.StageFactory;
import kr.madang.sdk.error.PluginException;
import kr.madang.sdk.model.ModelFactory;
import kr.madang.sdk.model.ModelSpec;
import kr.madang.sdk.sink.SinkFactory;
import kr.madang.sdk.source.SourceFactory;
import kr.madang.sdk.transform.TransformFactory;

/**
 * What a plugin offers, asked once after it was constructed.
 *
 * @param names of everything
 */
record Offer(
    List<SourceFactory<?>> sources,
    List<TransformFactory<?>> transforms,
    List<SinkFactory<?>> sinks,
    List<ModelFactory> models,
    Names names) {
  static final Offer NOTHING = new Offer(List.of(), List.of(), List.of(), List.of(), Names.NOTHING);
  static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");

  /** Asks on the current thread, which must be one of the plugin. */
  static Offer of(Plugin entry) {
    List<SourceFactory<?>> sources = copy("sources()", entry.sources());
    List<TransformFactory<?>> transforms = copy("transforms()", entry.transforms());
    List<SinkFactory<?>> sinks = copy("sinks()", entry.sinks());
    List<ModelFactory> models = copy("models()", entry.models());
    return new Offer(
        sources,
        transforms,
        sinks,
        models,
        new Names(
            names("source", sources),
            names("transform", transforms),
            names("sink", sinks),
            modelNames(models)));
  }

  private static <T> List<T> copy(String what, List<T> list) {
    try {
      return List.copyOf(list);
    } catch (NullPointerException e) {
      throw refused(what + " gave null; expected a list without null");
    }
  }

  private static List<String> names(String kind, List<? extends StageFactory<?>> factories) {
    Set<String> seen = new HashSet<>();
    return factories.stream()
        .map(factory -> {
          String name = checked(kind, factory.name(), seen);
          Class<?> config = factory.config();
          if (config == null || !config.isRecord()) {
            throw refused(
                "config() of "
                    + kind
                    + " '"
                    + name
                    + "' gave "
                    + (config == null ? "null" : config.getName())
                    + "; expected a record");
          }
          return name;
        })
        .toList();
  }

  private static List<String> modelNames(List<ModelFactory> models) {
    Set<String> seen = new HashSet<>();
    return models.stream()
        .map(model -> {
          ModelSpec spec = model.spec();
          if (spec == null) {
            throw refused("spec() of a model gave null");
          }
          return checked("model", spec.name(), seen);
        })
        .toList();
  }

  private static String checked(String kind, String name, Set<String> seen) {
    if (name == null || !NAME.matcher(name).matches()) {
      throw refused("a " + kind + " is named '" + name + "'; expected " + NAME.pattern());
    }
    if (!seen.add(name)) {
      throw refused("two " + kind + "s are named '" + name + "'; names must differ");
    }
    return name;
  }

  private static PluginException refused(String message) {
    return new PluginException(HostError.PLUGIN_REFUSED, message);
  }
}
