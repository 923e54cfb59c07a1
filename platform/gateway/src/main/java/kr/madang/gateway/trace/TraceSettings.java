package kr.madang.gateway.trace;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kr.madang.sdk.error.PluginException;

/**
 * Which calls are traced: of all models, and of each that differs. In memory only, so that a start
 * begins with what the configuration says. Any thread; calls look at it without a lock.
 */
public final class TraceSettings {
  private final boolean collector;
  private final Rule preset;
  private volatile State state;

  /**
   * Not changed any more.
   *
   * @param all what somebody has set for all models
   * @param each what somebody has set for one
   * @param rule for models of which nobody has set anything
   * @param rules for the others
   */
  private record State(Own all, Map<String, Own> each, Rule rule, Map<String, Rule> rules) {}

  TraceSettings(boolean collector, double sample) {
    this.collector = collector;
    this.preset = new Rule(collector, Pace.share(sample), new Quota(Quota.ANY));
    this.state = new State(Own.NONE, Map.of(), preset, Map.of());
  }

  /** For a call of a model. */
  Rule rule(String model) {
    State now = state;
    Rule own = now.rules().get(model);
    return own == null ? now.rule() : own;
  }

  /**
   * Changes some settings, or none if one of them is wrong. A rate and a count begin anew when they
   * are set.
   *
   * @param model empty for all models
   * @param changes values by key; none to have it as for all models, or as configured
   * @throws PluginException CONFIG_INVALID naming the key, what is expected and what came
   */
  public synchronized void change(String model, Map<String, List<String>> changes) {
    Own all = state.all();
    Map<String, Own> each = new HashMap<>(state.each());
    Own own = model.isEmpty() ? all : each.getOrDefault(model, Own.NONE);
    for (Map.Entry<String, List<String>> change : changes.entrySet()) {
      own = own.with(change.getKey(), change.getValue(), collector);
    }
    if (model.isEmpty()) {
      all = own;
    } else if (own.equals(Own.NONE)) {
      each.remove(model);
    } else {
      each.put(model, own);
    }
    Rule rule = preset.under(all);
    Map<String, Rule> rules = new HashMap<>();
    each.forEach((name, its) -> rules.put(name, rule.under(its)));
    state = new State(all, Map.copyOf(each), rule, Map.copyOf(rules));
  }

  /**
   * What counts for a model, as Triton shows it.
   *
   * @param model empty for what counts where a model has nothing of its own
   */
  public Map<String, List<String>> of(String model) {
    Rule rule = rule(model);
    Map<String, List<String>> shown = new LinkedHashMap<>();
    shown.put(Own.LEVEL, List.of(rule.on() ? Own.TIMESTAMPS : Own.OFF));
    shown.put(Own.RATE, List.of(Long.toString(rule.pace().every())));
    shown.put(Own.COUNT, List.of(Long.toString(rule.quota().left())));
    shown.put(Own.FREQUENCY, List.of("0"));
    shown.put(Own.FILE, List.of(""));
    shown.put(Own.MODE, List.of("opentelemetry"));
    return shown;
  }

  /** Whether a setting is shown as an array, though it has one value. */
  public static boolean isArray(String key) {
    return key.equals(Own.LEVEL);
  }
}
