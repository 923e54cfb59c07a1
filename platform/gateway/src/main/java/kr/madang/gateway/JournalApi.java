package kr.madang.gateway;

import static kr.madang.gateway.Operation.get;
import static kr.madang.gateway.Routes.SPACE;
import static kr.madang.gateway.Routes.space;

import java.util.List;
import kr.madang.control.Control;

/** The journal of a workspace. */
final class JournalApi {
  private final Control control;

  JournalApi(Control control) {
    this.control = control;
  }

  void addTo(List<Operation> to) {
    to.add(
        get(
                SPACE + "/journal",
                "getJournal",
                "What the journal of a workspace holds, and how it is.")
            .givesJson(200, "Journal", "State 'unused' until a pipeline needs it.")
            .by(exchange ->
                Answer.json(
                    200, Views.journal(control.journal(exchange.caller(), space(exchange))))));
  }
}
