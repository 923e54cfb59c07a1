package kr.madang.engine;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How the tags of a source are, since the pipeline was started.
 *
 * @param source in the pipeline
 * @param tags those declared first, then as they came; at most 10,000
 * @param others samples of tags beyond those
 */
public record SourceTags(String source, List<Tag> tags, long others) {

  /** Makes the list unmodifiable. */
  public SourceTags {
    tags = List.copyOf(tags);
  }

  /**
   * How one tag is.
   *
   * @param name of the tag
   * @param status of the latest sample, see {@link kr.madang.sdk.batch.Quality}; waiting for
   *     initial data if none has come
   * @param sourceTime of the latest sample, if it had one
   * @param receiveTime of the latest sample, if any has come
   * @param age since the source time, or the time of arrival where there is none
   * @param good samples that were Good
   * @param uncertain samples that were Uncertain
   * @param bad samples that were Bad
   * @param overflows samples that said that others before them were lost at the device
   * @param fault status of the latest sample that was not Good; 0 if there was none
   * @param faultAt when that one came
   */
  public record Tag(
      String name,
      int status,
      Optional<Instant> sourceTime,
      Optional<Instant> receiveTime,
      Optional<Duration> age,
      long good,
      long uncertain,
      long bad,
      long overflows,
      int fault,
      Optional<Instant> faultAt) {}
}
