package kr.madang.sdk.transform;

import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import kr.madang.sdk.ProvidedByHost;
import kr.madang.sdk.batch.Batch;

/** Gives back what was put into a {@link StateOutput}. */
@ProvidedByHost
public interface StateInput {

  /** The integer under a key. */
  OptionalLong getLong(String key);

  /** The number under a key. */
  OptionalDouble getDouble(String key);

  /** The bytes under a key. */
  Optional<byte[]> getBytes(String key);

  /** The rows under a key; the step owns them. */
  Optional<Batch> getBatch(String key);
}
