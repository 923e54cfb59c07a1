package kr.madang.launcher;

import java.util.Map;
import java.util.stream.Collectors;
import kr.madang.inference.Placement;
import kr.madang.sdk.config.Default;
import kr.madang.sdk.config.Doc;
import kr.madang.sdk.config.Range;
import kr.madang.sdk.config.Unit;

/** What models run on; {@code accelerators} in {@code madang.yaml}. */
record AcceleratorSettings(
    @Doc("Where models run, whatever they say themselves: by name of the model, '*' for the rest.")
        @Default("{}")
        Map<String, Placement> run,
    @Doc("Memory that models may take on a device, such as 'cuda:0': 8GiB.") @Default("{}")
        Map<String, Room> memory) {

  /** A number of bytes. */
  record Room(@Doc("Bytes") @Unit("By") @Range(min = 0) long bytes) {}

  /** Makes the maps unmodifiable. */
  AcceleratorSettings {
    run = Map.copyOf(run);
    memory = Map.copyOf(memory);
  }

  /** By device. */
  Map<String, Long> bytes() {
    return memory.entrySet().stream()
        .collect(Collectors.toMap(Map.Entry::getKey, entry -> entry.getValue().bytes()));
  }
}
