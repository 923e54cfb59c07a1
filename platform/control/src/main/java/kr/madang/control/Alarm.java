package kr.madang.control;

import java.time.Instant;
import java.util.Optional;

/**
 * Something that people should look at.
 *
 * @param id of this occurrence
 * @param workspace whose it is; empty for one of the platform
 * @param pipeline that raised it; empty for one of the platform
 * @param stage that raised it; empty for one of the whole pipeline
 * @param cause names the alarm within its stage: {@code bearing}, {@code pipeline.failed}
 * @param severity {@code low}, {@code medium}, {@code high} or {@code critical}
 * @param message one line
 * @param active whether the cause still holds
 * @param acknowledged whether somebody has seen it
 * @param since when it became active
 * @param cleared when it was cleared
 */
public record Alarm(
    long id,
    String workspace,
    String pipeline,
    String stage,
    String cause,
    String severity,
    String message,
    boolean active,
    boolean acknowledged,
    Instant since,
    Optional<Instant> cleared) {}
