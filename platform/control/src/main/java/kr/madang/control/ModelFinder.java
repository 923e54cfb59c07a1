package kr.madang.control;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.BinaryOperator;
import kr.madang.control.config.Nearest;
import kr.madang.control.spec.Use;
import kr.madang.host.PluginHost;
import kr.madang.host.PluginRef;
import kr.madang.sdk.error.PluginException;

/** Finds the model that a document means. */
final class ModelFinder {
  private final ModelShelf shelf;
  private final BinaryOperator<String> aliases;

  ModelFinder(ModelShelf shelf, BinaryOperator<String> aliases) {
    this.shelf = shelf;
    this.aliases = aliases;
  }

  /** Whether a use names an alias, which is followed and never pinned. */
  static boolean isAlias(Use use) {
    return use.range().filter(Aliases::isAlias).isPresent();
  }

  /** What became of a name. */
  sealed interface Found {
    /** It is declared. */
    record Model(Declared declared) implements Found {}

    /** Nobody has it; somebody may come who does. */
    record Missing(String reason) implements Found {}

    /** It cannot be right, whoever comes. */
    record Wrong(String message) implements Found {}
  }

  /** Finds the highest version that fits, or exactly what was found before. */
  Found find(Use use, Optional<PipelineView.Pin> pin) {
    return isAlias(use) ? behind(use) : found(use, pin);
  }

  /** Without an alias champion the highest version is the champion, as it is for callers. */
  private Found behind(Use use) {
    String alias = use.range().orElseThrow();
    String version = aliases.apply(use.name(), alias);
    boolean set = !version.equals(alias);
    if (!set && !alias.equals(Aliases.CHAMPION)) {
      return new Found.Missing("model '%s' has no alias '%s': set it".formatted(use.name(), alias));
    }
    return found(
        new Use(
            use.text(),
            Optional.empty(),
            set ? Optional.of(version) : Optional.empty(),
            use.name()),
        Optional.empty());
  }

  private Found found(Use use, Optional<PipelineView.Pin> pin) {
    List<Declared> named = named(use.name(), shelf.all(false));
    if (named.isEmpty()) {
      named = named(use.name(), shelf.all(true));
    }
    if (named.isEmpty()) {
      List<String> names = shelf.all(false).stream().map(Declared::name).distinct().toList();
      return new Found.Missing(
          "missing model "
              + use.text()
              + ": install a plugin that brings it, or upload it; "
              + Nearest.hint(use.name(), names));
    }
    String range = pin.map(p -> p.resolved().substring(p.resolved().indexOf('@') + 1)).orElse("*");
    List<Declared> fitting = new ArrayList<>();
    try {
      for (Declared model : named) {
        boolean wanted =
            pin.isPresent()
                ? model.version().equals(range)
                : use.range().isEmpty()
                    || PluginHost.versionFits(model.version(), use.range().orElseThrow());
        if (model.error().isEmpty() && wanted) {
          fitting.add(model);
        }
      }
    } catch (PluginException e) {
      return new Found.Wrong(String.valueOf(e.getMessage()));
    }
    return best(use, named, fitting, pin);
  }

  private static List<Declared> named(String name, List<Declared> models) {
    return models.stream().filter(model -> model.name().equals(name)).toList();
  }

  private static Found best(
      Use use, List<Declared> named, List<Declared> fitting, Optional<PipelineView.Pin> pin) {
    if (fitting.isEmpty()) {
      for (Declared model : named) {
        if (!model.error().isEmpty()) {
          return new Found.Missing(
              "model " + use.text() + " of " + model.origin() + " is refused: " + model.error());
        }
      }
      return new Found.Missing(
          "missing model "
              + pin.map(PipelineView.Pin::resolved).orElse(use.text())
              + ": install a plugin that brings it, or upload it; there are the versions "
              + String.join(", ", named.stream().map(Declared::version).toList()));
    }
    Comparator<Declared> order = (a, b) -> PluginHost.compareVersions(a.version(), b.version());
    Declared best = fitting.stream().max(order.thenComparing(ModelFinder::byPlugin)).orElseThrow();
    String made = pin.map(PipelineView.Pin::digest).orElse("");
    TreeSet<String> owners = new TreeSet<>();
    for (Declared model : fitting) {
      if (model.version().equals(best.version())) {
        if (!made.isEmpty() && model.digest().equals(made)) {
          return new Found.Model(model);
        }
        if (!model.origin().owner().equals(best.origin().owner())
            && ModelFiles.differ(model.folder(), best.folder())) {
          owners.add(model.origin().owner());
        }
      }
    }
    if (!owners.isEmpty()) {
      owners.add(best.origin().owner());
      return new Found.Wrong(
          "model "
              + best.name()
              + "@"
              + best.version()
              + " comes from several places: remove all but one of "
              + String.join(", ", owners));
    }
    if (!made.isEmpty()) {
      return new Found.Missing(
          "model "
              + best.name()
              + "@"
              + best.version()
              + " is another than the one that this pipeline was made with (the digest of "
              + best.origin()
              + " differs): install that one again, or replace the document to take this one");
    }
    return new Found.Model(best);
  }

  private static int byPlugin(Declared a, Declared b) {
    return PluginHost.compareVersions(
        a.origin().plugin().map(PluginRef::version).orElse(""),
        b.origin().plugin().map(PluginRef::version).orElse(""));
  }
}
