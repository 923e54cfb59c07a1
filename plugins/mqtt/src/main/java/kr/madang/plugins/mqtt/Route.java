package kr.madang.plugins.mqtt;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the messages of one topic go: a decoder, and the tags as far as the topic says them. */
final class Route {
  private static final int UNKNOWN = -1;

  private final Decoder decoder;
  private final Template[] templates;
  private final int[] numbers;

  Route(Decoder decoder, List<Template> templates, TopicPattern pattern, String[] found) {
    this.decoder = decoder;
    this.templates =
        templates.stream()
            .map(template ->
                template.fill(name -> {
                  int wildcard = pattern.wildcard(name);
                  return wildcard < 0 ? null : found[wildcard];
                }))
            .toArray(Template[]::new);
    numbers = new int[this.templates.length];
    Arrays.fill(numbers, UNKNOWN);
  }

  Decoder decoder() {
    return decoder;
  }

  /** The tag of a reading if the topic alone says it, else -1. */
  int tag(int reading, Tags tags) throws Misfit {
    int number = numbers[reading];
    if (number == UNKNOWN) {
      @Nullable String text = templates[reading].text();
      if (text == null) {
        return UNKNOWN;
      }
      number = tags.of(text);
      numbers[reading] = number;
    }
    return number;
  }

  /** What the payload has to say about the tag of a reading. */
  Template template(int reading) {
    return templates[reading];
  }
}
