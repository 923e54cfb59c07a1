package kr.madang.sdk;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PublicSurfaceTest {

  @Test
  void everyChangeOfThePublicSurfaceShowsInApiTxt() throws Exception {
    Path file = Path.of("api.txt");
    String known = Files.exists(file) ? Files.readString(file) : "";
    String now = PublicSurface.text();
    Files.writeString(file, now);
    assertThat(now)
        .as("the public surface has changed; sdk/api/api.txt was rewritten, look at its diff")
        .isEqualTo(known);
  }

  @Test
  void theSurfaceStaysSmallEnoughToLearn() throws Exception {
    assertThat(PublicSurface.types().stream().filter(type -> type.getEnclosingClass() == null))
        .hasSizeLessThanOrEqualTo(50);
  }
}
