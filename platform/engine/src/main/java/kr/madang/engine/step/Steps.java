package kr.madang.engine.step;

import java.util.ArrayList;
import java.util.List;
import kr.madang.sdk.transform.TransformFactory;

/** The built-in steps. */
public final class Steps {
  private Steps() {}

  /** All of them; nothing is compiled or loaded before one is opened. */
  public static List<TransformFactory<?>> all(AlarmListener alarms) {
    List<TransformFactory<?>> all = new ArrayList<>();
    all.add(new SelectStep());
    all.add(new AlignStep());
    all.add(new WindowStep());
    for (Aggregate aggregate : Aggregate.values()) {
      all.add(new AggregateStep(aggregate));
    }
    all.add(new ScaleStep());
    all.add(new WhereStep());
    all.add(new DeriveStep());
    all.add(new AlarmStep(alarms));
    return List.copyOf(all);
  }
}
