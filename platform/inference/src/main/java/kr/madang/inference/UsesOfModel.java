package kr.madang.inference;

import java.util.Arrays;
import kr.madang.inference.Use.By;
import org.jspecify.annotations.Nullable;

/** Finds the use that a tenant makes of one version of a model, at the cost of an array. */
final class UsesOfModel {
  private final Uses all;
  private final String model;
  private final String version;
  private final Use nobody;
  private volatile @Nullable Use[] callers = {};
  private volatile @Nullable Use[] pipelines = {};

  UsesOfModel(Uses all, String model, String version) {
    this.all = all;
    this.model = model;
    this.version = version;
    this.nobody = new Use(new Use.Key("", model, version, By.CALLERS));
  }

  StepRuns steps() {
    return all.steps();
  }

  /** Trials and golden samples are nobody's: theirs is shown to nobody. */
  Use of(Tenant tenant, By by) {
    int number = tenant.number();
    if (number < 0) {
      return nobody;
    }
    @Nullable Use[] known = by == By.CALLERS ? callers : pipelines;
    Use found = number < known.length ? known[number] : null;
    return found == null ? first(tenant, by) : found;
  }

  private synchronized Use first(Tenant tenant, By by) {
    Use made = all.of(new Use.Key(tenant.name(), model, version, by));
    int number = tenant.number();
    @Nullable Use[] known = by == By.CALLERS ? callers : pipelines;
    @Nullable Use[] more = Arrays.copyOf(known, Math.max(known.length, number + 1));
    more[number] = made;
    if (by == By.CALLERS) {
      callers = more;
    } else {
      pipelines = more;
    }
    return made;
  }
}
