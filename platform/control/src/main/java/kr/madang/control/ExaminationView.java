package kr.madang.control;

import java.time.Duration;
import kr.madang.inference.ExaminationStage;

/**
 * A model that is examined just now, since it was uploaded or its plugin installed.
 *
 * @param took so far
 */
public record ExaminationView(
    String model, String version, ExaminationStage stage, Duration took) {}
