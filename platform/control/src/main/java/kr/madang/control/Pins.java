package kr.madang.control;

import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import kr.madang.control.store.Store;

/** Versions of models that stay in memory, whoever asks for them. Any thread. */
final class Pins {
  private final Guard guard;
  private final Store store;
  private final InstantSource clock;
  private final Set<Pin> pins = ConcurrentHashMap.newKeySet();

  Pins(Guard guard, Store store, InstantSource clock) {
    this.guard = guard;
    this.store = store;
    this.clock = clock;
  }

  /** One version of a model. */
  record Pin(String model, String version) {}

  void load() {
    store.transaction(rows ->
        rows.read(
            "SELECT model, version FROM model_pin",
            row -> pins.add(new Pin(row.getString(1), row.getString(2)))));
  }

  List<Pin> all() {
    return List.copyOf(pins);
  }

  boolean has(String model, String version) {
    return !pins.isEmpty() && pins.contains(new Pin(model, version));
  }

  void add(Caller caller, String model, String version) {
    store.transaction(rows -> {
      rows.change(
          "INSERT INTO model_pin (model, version, created) VALUES (?, ?, ?)"
              + " ON CONFLICT (model, version) DO NOTHING",
          model,
          version,
          clock.millis());
      guard.note(rows, caller, "model.pin", model + "@" + version, "");
      return true;
    });
    pins.add(new Pin(model, version));
  }

  /** False if it was not pinned. */
  boolean remove(Caller caller, String model, String version) {
    if (!has(model, version)) {
      return false;
    }
    store.transaction(rows -> {
      rows.change("DELETE FROM model_pin WHERE model = ? AND version = ?", model, version);
      guard.note(rows, caller, "model.unpin", model + "@" + version, "");
      return true;
    });
    pins.remove(new Pin(model, version));
    return true;
  }
}
