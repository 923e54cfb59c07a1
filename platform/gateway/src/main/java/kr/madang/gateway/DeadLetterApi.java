package kr.madang.gateway;

import static kr.madang.gateway.Operation.get;
import static kr.madang.gateway.Operation.post;
import static kr.madang.gateway.Routes.PIPELINE;
import static kr.madang.gateway.Routes.name;
import static kr.madang.gateway.Routes.space;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import kr.madang.control.Control;
import kr.madang.control.DeadLetterVerbs;
import kr.madang.control.DeadLetterVerbs.Correction;
import kr.madang.control.DeadLetterVerbs.Filter;
import kr.madang.engine.DeadLetter;
import kr.madang.engine.DeadLetter.State;
import kr.madang.gateway.Operation.Query;
import kr.madang.gateway.Operation.Takes;

/** The rows that stages could not take. */
final class DeadLetterApi {
  private static final String ALL = PIPELINE + "/dead-letters";
  private static final String ONE = ALL + "/{letter}";
  private static final int MOST = 10_000;
  private static final List<String> STATES =
      Stream.of(State.values()).map(State::name).flatMap(name -> spellings(name)).toList();

  private final Control control;

  DeadLetterApi(Control control) {
    this.control = control;
  }

  private static Stream<String> spellings(String name) {
    return Stream.of(name.toLowerCase(Locale.ROOT), name);
  }

  void addTo(List<Operation> to) {
    to.add(
        get(ALL, "listDeadLetters", "The latest rows that stages could not take, newest last.")
            .query(
                new Query.Text("stage", List.of(), "Only those of a stage."),
                new Query.Text("state", STATES, "Only those in a state."),
                new Query.Whole("limit", 1, 1_000, 100, "How many at most."))
            .givesJson(200, "DeadLetters", "With cause and stage.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.list(
                        "deadLetters",
                        Json.array(
                            letters()
                                .list(
                                    exchange.caller(),
                                    space(exchange),
                                    name(exchange),
                                    new Filter(
                                        exchange.text("stage"),
                                        exchange.text("state").map(DeadLetterApi::state),
                                        exchange.number("limit"))),
                            Views::deadLetter)))));
    to.add(
        get(ONE, "getDeadLetter", "One dead letter with its rows.")
            .givesJson(
                200,
                "OpenedLetter",
                "'data' has as many of its rows as fit, as a correction takes them.")
            .by(exchange -> {
              try (DeadLetterVerbs.Opened opened =
                  letters()
                      .open(exchange.caller(), space(exchange), name(exchange), id(exchange))) {
                return new Answer.Text(200, "application/json", Map.of(), BatchJson.letter(opened));
              }
            }));
    to.add(
        post(ONE + "/replay", "replayDeadLetter", "Puts rows back in where they were refused.")
            .takes(Takes.MAYBE_JSON)
            .givesJson(200, "DeadLetter", "Noted; a body {\"rows\": [...]} corrects the rows.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.deadLetter(
                        letters()
                            .replay(
                                exchange.caller(),
                                space(exchange),
                                name(exchange),
                                id(exchange),
                                correction(exchange))))));
    to.add(
        post(ONE + "/discard", "discardDeadLetter", "Lets a dead letter be.")
            .givesJson(200, "DeadLetter", "Noted.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.deadLetter(
                        letters()
                            .discard(
                                exchange.caller(),
                                space(exchange),
                                name(exchange),
                                id(exchange))))));
    to.add(
        post(ALL + "/replay", "replayDeadLetters", "Puts the rows of several back in.")
            .takes(Takes.MAYBE_JSON)
            .givesJson(200, "Outcome", "A body {\"stage\", \"state\", \"atMost\"} chooses.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.outcome(
                        letters()
                            .replayAll(
                                exchange.caller(),
                                space(exchange),
                                name(exchange),
                                filter(exchange))))));
    to.add(
        post(ALL + "/discard", "discardDeadLetters", "Lets several dead letters be.")
            .takes(Takes.MAYBE_JSON)
            .givesJson(200, "Outcome", "A body {\"stage\", \"state\", \"atMost\"} chooses.")
            .by(exchange ->
                Answer.json(
                    200,
                    Views.outcome(
                        letters()
                            .discardAll(
                                exchange.caller(),
                                space(exchange),
                                name(exchange),
                                filter(exchange))))));
  }

  private DeadLetterVerbs letters() {
    return control.deadLetters();
  }

  private static String id(Exchange exchange) {
    return exchange.at("letter");
  }

  private static State state(String name) {
    return DeadLetter.State.valueOf(name.toUpperCase(Locale.ROOT));
  }

  private static Optional<Correction> correction(Exchange exchange) {
    if (exchange.document().isBlank()) {
      return Optional.empty();
    }
    JsonBody body = JsonBody.of(exchange.document(), "rows", "data");
    JsonNode rows = body.list(body.has("data") ? "data" : "rows");
    return Optional.of((before, allocator) -> JsonRows.read(rows, before, allocator));
  }

  private static Filter filter(Exchange exchange) {
    if (exchange.document().isBlank()) {
      return new Filter(Optional.empty(), Optional.of(State.OPEN), MOST);
    }
    JsonBody body = JsonBody.of(exchange.document(), "stage", "state", "atMost");
    return new Filter(
        body.text("stage"),
        Optional.of(body.choice("state", STATES).map(DeadLetterApi::state).orElse(State.OPEN)),
        (int) body.whole("atMost", 1, MOST, MOST));
  }
}
