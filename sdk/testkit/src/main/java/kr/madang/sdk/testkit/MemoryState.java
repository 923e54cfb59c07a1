package kr.madang.sdk.testkit;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import kr.madang.sdk.batch.Batch;
import kr.madang.sdk.transform.StateInput;
import kr.madang.sdk.transform.StateOutput;
import org.jspecify.annotations.Nullable;

/** The state of a step, kept in memory between two instances of it. */
public final class MemoryState implements StateOutput, StateInput, AutoCloseable {
  private final Map<String, Object> values = new HashMap<>();

  @Override
  public void putLong(String key, long value) {
    values.put(key, value);
  }

  @Override
  public void putDouble(String key, double value) {
    values.put(key, value);
  }

  @Override
  public void putBytes(String key, byte[] value) {
    values.put(key, value.clone());
  }

  @Override
  public void putBatch(String key, Batch value) {
    values.put(key, value.retain());
  }

  @Override
  public OptionalLong getLong(String key) {
    Object value = values.get(key);
    return value == null ? OptionalLong.empty() : OptionalLong.of((Long) value);
  }

  @Override
  public OptionalDouble getDouble(String key) {
    Object value = values.get(key);
    return value == null ? OptionalDouble.empty() : OptionalDouble.of((Double) value);
  }

  @Override
  public Optional<byte[]> getBytes(String key) {
    return Optional.ofNullable((byte @Nullable []) values.get(key));
  }

  @Override
  public Optional<Batch> getBatch(String key) {
    Object value = values.get(key);
    return value == null ? Optional.empty() : Optional.of(((Batch) value).retain());
  }

  @Override
  public void close() {
    for (Object value : values.values()) {
      if (value instanceof Batch batch) {
        batch.close();
      }
    }
    values.clear();
  }
}
